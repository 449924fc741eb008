"""A forest of cases, planted once for all tests of this folder, in a database of its own with real commits."""

import secrets
from collections.abc import Iterator

import pytest

from engines.testing import Engines
from tests.isolation import forest as planting
from tests.isolation.forest import Forest
from tests.isolation.visits import Visitors
from tests.support import databases
from tests.support.live_world import Live


@pytest.fixture(scope="package")
def planted(
    engines: Engines, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Live, Forest]]:
    """The world with a case of every kind; the outbox has run; then sight was taken away from some."""
    # Another folder may borrow the forest while this one stands: each planting has a database of its own.
    name = f"forest_{worker_number}_{secrets.token_hex(4)}"
    files = tmp_path_factory.mktemp("forest")
    databases.copy(engines, name, files)
    live = Live(engines, name, files, redis=31 + worker_number)
    with live.inside() as world:
        forest = planting.plant(world)
    while live.work_due():
        pass
    visitors = Visitors(live, forest)
    visitors.sign_in("max", "zed", "rita", "gil", "ana")
    with live.inside() as world:
        planting.uproot(world, forest)
        links = planting.issued_links(world)
    with live.inside() as world:
        forest.keys = {**planting.keys(world, forest), "token": links}
    yield live, forest, visitors
    live.close()
    engines.drop_database(name)


@pytest.fixture
def live_forest(planted: tuple[Live, Forest, Visitors]) -> Live:
    """The application of the forest."""
    databases.configure(planted[0].app)
    return planted[0]


@pytest.fixture
def forest(live_forest: Live, planted: tuple[Live, Forest, Visitors]) -> Forest:
    return planted[1]


@pytest.fixture
def visitors(live_forest: Live, planted: tuple[Live, Forest, Visitors]) -> Visitors:
    """Browsers of everybody, kept over the tests; what they saw is kept too."""
    return planted[2]
