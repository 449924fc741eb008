"""FEATURES H8 and 2.6: spaces for everybody or for organizations; one for others leaves no trace."""

import pytest

from portal.community.actions import spaces as space_actions
from portal.community.actions.spaces import SpaceFacts
from portal.community.models import CommunityPost, CommunitySpace, CommunityTopic
from portal.community.queries import spaces, topics
from portal.kernel.errors import Forbidden, NotFound, Refused

READERS = {
    "all": {"rita", "mel", "cora", "olga", "piotr", "gil", "gina"},
    "acme": {"rita", "mel", "cora", "olga", "piotr"},
    "globex": {"gil", "gina"},
    "off": set(),
}
# Staff who read the community: all of it, or what belongs to their clients.
STAFF = {
    "ada": set(READERS),
    "lee": set(READERS),
    "ana": set(READERS),
    "aud": set(READERS),
    "tom": {"all", "globex", "off"},
    "pat": set(),
}


@pytest.fixture
def filled(world, add_space, ask, reply):
    """A space for each audience, each with one topic that has the words `zebra` and its key."""
    made = {
        "all": add_space("Space all"),
        "acme": add_space("Space acme", clients=["Acme"]),
        "globex": add_space("Space globex", clients=["Globex"]),
        "off": add_space("Space off"),
    }
    found = {}
    for key, space in made.items():
        asker = "gil" if key == "globex" else "rita"
        found[key] = ask(space, f"Zebra {key}", by=asker, body=f"zebra secret-{key}")
        reply(found[key], f"zebra answer-{key}", by="gina" if key == "globex" else "olga")
    ada = world.ctx("ada")
    row = spaces.space(ada, made["off"].id, lock=True)
    space_actions.change_space(ada, row, SpaceFacts("Space off", everybody=True, active=False))
    return found


def keys(rows):
    return {row.title.removeprefix("Zebra ") for row in rows}


def seen(ctx):
    """What *ctx* finds on each way, by the key of the topic; every way must find the same."""
    return {
        "list": keys(topics.topics_page(ctx, "newest").rows),
        "unanswered": keys(topics.topics_page(ctx, "unanswered").rows),
        "search": keys(topics.topics_page(ctx, "newest", q="zebra").rows),
        "similar": keys(topics.similar_topics(ctx, "The zebra does not print", most=10)),
    }


@pytest.mark.parametrize("who", ["rita", "mel", "cora", "olga", "piotr", "gil", "gina", "ana"])
def test_H8_list_search_suggestion_and_page_are_the_same_for_everybody(world, filled, who):
    allowed = {key for key, readers in READERS.items() if who in readers}
    ctx = world.ctx(who, "contact")
    assert seen(ctx) == dict.fromkeys(("list", "unanswered", "search", "similar"), allowed)
    assert {row.name.removeprefix("Space ") for row in spaces.spaces(ctx)} == allowed
    assert spaces.has_spaces(ctx) == bool(allowed)
    for key, topic in filled.items():
        if key in allowed:
            assert [row.body for row in topics.answers_page(ctx, topics.topic(ctx, topic.id)).rows] == [
                f"zebra answer-{key}"
            ]
        else:
            with pytest.raises(NotFound):
                topics.topic(ctx, topic.id)


@pytest.mark.parametrize("who", STAFF)
def test_H8_staff_read_what_belongs_to_their_clients(world, filled, who):
    assert seen(world.ctx(who, "staff")) == dict.fromkeys(("list", "unanswered", "search", "similar"), STAFF[who])


@pytest.mark.parametrize("who", ["rob", "zoe", "sue"])
def test_H8_another_provider_sees_nothing(world, filled, who):
    ctx = world.ctx(who)
    assert topics.topics_page(ctx, "newest").rows == []
    for topic in filled.values():
        with pytest.raises(NotFound):
            topics.topic(ctx, topic.id)


def test_H8_without_a_space_there_is_no_community(world):
    assert not spaces.has_spaces(world.ctx("rita", "contact"))
    assert world.rows(CommunitySpace) == []


def test_H8_a_space_is_for_somebody(world):
    with pytest.raises(Refused):
        space_actions.add_space(world.ctx("ada"), SpaceFacts("For nobody"))
    with pytest.raises(Refused):
        space_actions.add_space(world.ctx("ada"), SpaceFacts("", everybody=True))
    with pytest.raises(Refused):
        space_actions.add_space(world.ctx("ada"), SpaceFacts("Late", everybody=True, due_hours=100_000))
    for who in ("lee", "ana", "aud"):
        with pytest.raises(Forbidden):
            space_actions.add_space(world.ctx(who), SpaceFacts("Mine", everybody=True))


def test_H8_a_changed_audience_holds_at_once(world, add_space, ask):
    space = add_space("Moving", clients=["Acme"])
    topic = ask(space)
    ada = world.ctx("ada")
    globex = world.organizations["Globex"].id
    facts = SpaceFacts("Moving", organizations=[globex])
    space_actions.change_space(ada, spaces.space(ada, space.id, lock=True), facts)
    with pytest.raises(NotFound):
        topics.topic(world.ctx("rita", "contact"), topic.id)
    assert topics.topic(world.ctx("gil", "contact"), topic.id)


def test_H8_customers_read_no_held_or_hidden_text_of_others(world, add_space, ask, reply):
    topic = ask(add_space("Careful", holds_first=True))
    assert topics.topic(world.ctx("rita", "contact"), topic.id).state == "held"
    with pytest.raises(NotFound):
        topics.topic(world.ctx("gil", "contact"), topic.id)
    assert {row.state for row in world.rows(CommunityPost)} == {"held"}
    assert world.row(CommunityTopic, topic).shown_at is None
