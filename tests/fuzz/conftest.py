"""A small world in which every form of the app can be found, and nothing that is sent remains."""

from collections.abc import Callable, Iterator

import pytest

from tests.fuzz.hostile import Door, Sandbox, door_at
from tests.isolation import catalogue
from tests.support import acting, databases, signposts
from tests.support.signposts import Signposts
from tests.support.world import World


@pytest.fixture(scope="module")
def sandbox(app, estates) -> Iterator[Sandbox]:
    """One for all tests of a file: each undoes what it sends."""
    with databases.undone(app):
        world = World(app, *estates)
        cases = signposts.set_out(world)
        acting.do_what_is_due(world)
        yield Sandbox(world, signposts.set_up(world, cases))


@pytest.fixture(scope="module")
def posts(sandbox) -> Signposts:
    """A case in every state, links, lines at the bell, a dead mail: whatever a page or a form could be about."""
    return sandbox.posts


@pytest.fixture(scope="module")
def doors(sandbox, posts, app) -> list[Door]:
    """Every form, found by opening the address of each POST route as somebody who may."""
    return list(find_doors(sandbox, posts, app))


def find_doors(
    sandbox: Sandbox, posts: Signposts, app, missed: Callable[[str], None] = lambda _endpoint: None
) -> Iterator[Door]:
    """The form behind each POST route; of routes with words in the address, every one. Tells *missed* of the others."""
    for rule in catalogue.routes(app):
        if not (rule.methods or set()) - catalogue.SAFE or rule.endpoint in signposts.NOT_FORMS:
            continue
        found = False
        people = ("nobody", *(who for who in signposts.people_for(rule) if who != "nobody"))
        for path in signposts.addresses(app, posts, rule, "POST"):
            query = signposts.COMING_WITH.get(rule.endpoint, "")
            door = next((d for who in people if (d := door_at(sandbox.browsers[who], who, path, query))), None)
            if door is not None:
                yield door
                found = True
                if "word" not in {catalogue.kind_of(rule, name) for name in rule.arguments}:
                    break
        if not found:
            missed(rule.endpoint)
