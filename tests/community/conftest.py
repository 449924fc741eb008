"""The community in tests."""

import pytest

from portal.community.models import CommunityPost, CommunityTopic
from portal.community.queries import topics as queries
from tests.support import community


@pytest.fixture
def add_space(world):
    """`add_space("Acme only", clients=["Acme"])`; for everybody where no client is named."""
    return lambda *words, **how: community.add_space(world, *words, **how)


@pytest.fixture
def ask(world):
    """`ask(space, "Title", by="rita")` starts a topic."""
    return lambda *words, **how: world.row(CommunityTopic, community.ask(world, *words, **how))


@pytest.fixture
def reply(world):
    """`reply(topic, "Text", by="gil")` answers; staff answer as staff."""
    return lambda *words, **how: world.row(CommunityPost, community.reply(world, *words, **how))


@pytest.fixture
def question(world):
    """`question(topic)` is its first post."""
    return lambda topic: queries.question_of(world.system(), topic)


@pytest.fixture
def locked(world):
    """`locked(ctx, post)` is the post as a verb gets it."""
    return lambda ctx, post: queries.post(ctx, post.id, lock=True)
