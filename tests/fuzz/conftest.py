"""A small world in which every form of the app can be found, and nothing that is sent remains."""

from collections.abc import Callable, Iterator

import pytest
from werkzeug.routing import Rule

from tests.fuzz.hostile import FoundForm, Sandbox, find_form_at
from tests.isolation import address_catalog
from tests.support import acting, crawler, databases
from tests.support.crawler import CrawlTargets
from tests.support.world import World


@pytest.fixture(scope="module")
def sandbox(app, provider_worlds) -> Iterator[Sandbox]:
    """One for all tests of a file: each undoes what it sends."""
    with databases.rolled_back(app):
        world = World(app, *provider_worlds)
        cases = crawler.make_cases(world)
        acting.run_outbox(world)
        yield Sandbox(world, crawler.collect_targets(world, cases))


@pytest.fixture(scope="module")
def targets(sandbox) -> CrawlTargets:
    """A case in every state, links, lines at the bell, a dead mail: whatever a page or a form could be about."""
    return sandbox.targets


@pytest.fixture(scope="module")
def missed_forms() -> list[str]:
    """The POST routes for which `found_forms` found no page with a form."""
    return []


@pytest.fixture(scope="module")
def found_forms(sandbox, targets, app, missed_forms) -> list[FoundForm]:
    """Every form, found by opening the address of each POST route as somebody who may."""
    return list(find_forms(sandbox, targets, app, missed_forms.append))


def find_forms(
    sandbox: Sandbox,
    targets: CrawlTargets,
    app,
    missed: Callable[[str], None] = lambda _endpoint: None,
    only: Callable[[Rule], bool] = lambda _rule: True,
) -> Iterator[FoundForm]:
    """The form behind each POST route; of routes with words in the address, every one. Tells *missed* of the others.
    *only* says which routes are looked at."""
    for rule in address_catalog.routes(app):
        if not (rule.methods or set()) - address_catalog.SAFE or rule.endpoint in crawler.NOT_FORMS or not only(rule):
            continue
        found = False
        people = ("nobody", *(who for who in crawler.people_for(rule) if who != "nobody"))
        for path in crawler.fill_addresses(app, targets, rule, "POST"):
            query = crawler.QUERY_NEEDED.get(rule.endpoint, "")
            found_form = next(
                (d for who in people if (d := find_form_at(sandbox.browsers[who], who, path, query))), None
            )
            if found_form is not None:
                yield found_form
                found = True
                if "word" not in {address_catalog.kind_of(rule, name) for name in rule.arguments}:
                    break
        if not found:
            missed(rule.endpoint)
