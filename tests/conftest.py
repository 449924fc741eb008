"""The foundation of the tests: real engines, a real world, one transaction a test that is rolled back.

    def test_rejecting_a_resolution_reopens_the_case(world, as_user):
        case = world.case_in("resolved", by="rita")
        answer = as_user("rita").post(f"/cases/{case.key}/resolution/reject", data={"reason": "Still down"})
        assert answer.status_code == 303
        assert case.state == "open"

`world` (tests/support/world.py) holds people, places and ways to make cases; `as_user` and `client` are browsers that
check every page they are shown; `ctx_of` acts without a browser; `statements` counts SQL; `travel` moves the clock;
`run_outbox` does what is due; `live` is for tests that need real commits.
"""

import datetime as dt
import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from engines import testing
from portal import factory
from portal.demo.northwind import NORTHWIND
from portal.kernel import clock
from portal.kernel.database import db
from portal.web import current
from tests.support import acting, databases, live_world
from tests.support.client import Browser
from tests.support.provider_world import ProviderWorld, read_provider_world
from tests.support.second_provider import SOUTHGATE
from tests.support.world import World

As = Callable[..., Browser]
BROWSER = Path(__file__).parent / "browser"
LONG, LONGEST_FILES = 10, 40  # seconds of a file that the summary names, and so many of them


def pytest_configure(config: pytest.Config) -> None:
    # Compiled files are kept, as in the Makefile: the rewritten tests, and Parley in the processes that tests start.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    testing.configure(config)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where browser tests are not wanted (`make test`) their folder is not even imported: it needs Playwright."""
    return True if collection_path == BROWSER and "not browser" in config.option.markexpr else None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto`: one worker a core, but two at least (some tests only wait) and no more than there are Redis bases."""
    return max(2, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first: `--dist loadfile` gives each file to one worker whole, so a long file that came last would be
    waited for by the other workers."""
    items.sort(key=lambda item: "slow" not in item.keywords)


def pytest_collection_finish() -> None:
    """What was imported stays: without it the collector of garbage need not look through half a million objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which files took longest, set-up included: what a faster run has to look at, and what deserves `slow`."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    longest = [(taken, file) for file, taken in seconds.most_common(LONGEST_FILES) if taken > LONG]
    if longest:
        terminalreporter.section(f"files of more than {LONG} s, of {sum(seconds.values()):.0f} s in all")
        for taken, file in longest:
            terminalreporter.write_line(f"{taken:6.1f} s  {file}")


@pytest.fixture(scope="session")
def engines() -> testing.Engines:
    """The PostgreSQL and the Valkey of this test session."""
    return testing.current()


@pytest.fixture(scope="session")
def worker_number() -> int:
    """0 for a lone process, 1 and up for the workers of pytest-xdist."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(name.removeprefix("gw")) + 1 if name else 0


@pytest.fixture(scope="session")
def app(engines: testing.Engines, worker_number: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on this worker's own copy of the world."""
    files = tmp_path_factory.mktemp("files")
    name = f"test_{worker_number}"
    databases.copy_world(engines, name, files)
    made = databases.make_application(databases.make_config(engines, name, redis=worker_number, files=files))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def provider_worlds(app: Flask) -> tuple[ProviderWorld, ProviderWorld]:
    """Northwind and Southgate as plain values."""
    with app.app_context():
        return read_provider_world(NORTHWIND), read_provider_world(SOUTHGATE)


@pytest.fixture
def transaction(app: Flask) -> Iterator[None]:
    """One outer transaction: every session, of test, request or job, works in it by savepoints; nothing remains."""
    with databases.rolled_back(app):
        yield


@pytest.fixture
def world(app: Flask, provider_worlds: tuple[ProviderWorld, ProviderWorld], transaction: None) -> World:
    """Who and what there is; see tests/support/world.py."""
    return World(app, *provider_worlds)


@pytest.fixture
def client(world: World) -> As:
    """`client("rita")` is a browser in which Rita is signed in; `client()` one in which nobody is."""

    def before() -> Any:
        with acting.pause_count():
            held = acting.store_held_rows(db.session)
        acting.Changes.forget()
        return held

    def after(held: Any) -> None:
        # What a request changed shows on the rows that the test holds; most requests change nothing.
        if acting.Changes.seen:
            with acting.pause_count():
                acting.reload_held_rows(db.session, held, world.home)

    def browse(who: Any = None, host: str = "") -> Browser:
        somebody = world.person(who) if who else None
        browser = Browser(
            world.app, host or (somebody.host if somebody else world.northwind.host), before=before, after=after
        )
        if somebody:
            browser.remember(_user_id=acting.sign_in(world.provider_world_of(somebody), somebody))
        return browser

    return browse


@pytest.fixture
def as_user(client: As) -> As:
    """`as_user("rita").get(...)`: the same browser each time, signed in anew after the clock has moved."""
    browsers: dict[Any, Browser] = {}

    def browse(who: Any) -> Browser:
        key = (who, clock._offset)
        if key not in browsers:
            browsers[key] = client(who)
        return browsers[key]

    return browse


@pytest.fixture
def ctx_of(world: World) -> Callable[..., acting.Acting]:
    """`ctx_of("ana")`, `ctx_of("ana", "contact")`, `ctx_of("rita", ago=timedelta(days=3))`: for calling actions."""
    return world.ctx


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """`with statements() as seen: ...` and then `len(seen)`: the SQL that ran inside. What happens once in so many
    seconds (the host is read anew, the sign-in is written down as seen) happens once a test, however slow it runs."""
    monkeypatch.setattr(current, "HOST_SECONDS", 86_400.0)
    monkeypatch.setattr(factory, "SEEN_EVERY", dt.timedelta(days=1))
    current.clear_host_cache()
    return acting.count_statements


@pytest.fixture
def travel(transaction: None) -> Callable[..., None]:
    """`travel(hours=73)` moves the clock on from where it stands; the test's end brings it home."""

    def move(**by: float) -> None:
        clock.travel(clock._offset + dt.timedelta(**by))

    return move


@pytest.fixture
def run_outbox(world: World) -> Callable[[], int]:
    """Do everything that is due (deliveries, timers) as the worker would; returns how many pieces."""

    def work() -> int:
        return acting.run_outbox(world)

    return work


@pytest.fixture
def events_of(world: World) -> Callable[[Any], list[str]]:
    """The names of what happened to a case, in order."""
    return world.event_names


@pytest.fixture(scope="module")
def live(
    engines: testing.Engines,
    worker_number: int,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[live_world.Live]:
    """A database of this test module's own, with real commits: for concurrency, kills and processes."""
    name = f"live_{worker_number}_{abs(hash(request.node.nodeid)) % 10**8}"
    files: Path = tmp_path_factory.mktemp("live")
    databases.copy_world(engines, name, files)
    made = live_world.Live(engines, name, files, redis=31 + worker_number)
    yield made
    made.close()
    engines.drop_database(name)
