"""A case of every kind, made once for all tests of this folder, in a database of its own with real commits."""

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from engines.testing import Engines
from portal.identity.models import BrowserSession
from portal.kernel import clock
from tests.isolation import case_matrix as matrix_module
from tests.isolation.case_matrix import CaseMatrix
from tests.isolation.visits import Visitors
from tests.support import databases
from tests.support.live_world import Live


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still, so that only what happened can change a page: "just now" does not become "1 minute ago" on a
    slow machine, and a worker's last look, which the real clock tells, does not move."""
    stopped = clock.now()
    monkeypatch.setattr(clock, "now", lambda: stopped)
    monkeypatch.setattr(clock, "milliseconds", lambda: int(stopped.timestamp() * 1000))


@pytest.fixture(scope="package")
def built_matrix(
    engines: Engines, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Live, CaseMatrix]]:
    """The world with a case of every kind; the outbox has run; then sight was taken away from some."""
    # Another folder may use the fixture while this one stands: each case matrix has a database of its own.
    name = f"forest_{worker_number}_{secrets.token_hex(4)}"
    files = tmp_path_factory.mktemp("case_matrix")
    databases.copy_world(engines, name, files)
    live = Live(engines, name, files, redis=31 + worker_number)
    with live.inside() as world:
        case_matrix = matrix_module.build_case_matrix(world)
    while live.work_due():
        pass
    visitors = Visitors(live, case_matrix)
    visitors.sign_in("max", "zed", "rita", "gil", "ana")
    with live.inside() as world:
        matrix_module.take_sight_away(world, case_matrix)
        links = matrix_module.issue_links(world)
    with live.inside() as world:
        case_matrix.keys = {**matrix_module.read_spellings(world, case_matrix), "token": links}
    yield live, case_matrix, visitors
    live.close()
    engines.drop_database(name)


@pytest.fixture
def live_matrix(built_matrix: tuple[Live, CaseMatrix, Visitors]) -> Live:
    """The application of the case matrix."""
    databases.configure_globals(built_matrix[0].app)
    return built_matrix[0]


@pytest.fixture
def case_matrix(live_matrix: Live, built_matrix: tuple[Live, CaseMatrix, Visitors]) -> CaseMatrix:
    return built_matrix[1]


@pytest.fixture
def visitors(live_matrix: Live, built_matrix: tuple[Live, CaseMatrix, Visitors]) -> Visitors:
    """Browsers of everybody, kept over the tests; what they saw is kept too. All proved who they are a moment ago, as
    at their sign-in: on a slow machine the tests before took longer than that is believed."""
    with live_matrix.inside() as world:
        world.session.execute(
            update(BrowserSession).where(BrowserSession.proved_at.is_not(None)).values(proved_at=clock.now())
        )
    return built_matrix[2]
