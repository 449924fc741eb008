"""The private PostgreSQL: its roles, its endings, and starting again after each."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from engines import EnginesError, postgres
from engines.roles import APP, OWNER
from tests.engines.world import processes_of, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., postgres.Engine]]:
    started: list[postgres.Engine] = []

    def start(*, durable: bool = False) -> postgres.Engine:
        started.append(postgres.start(data, durable=durable))
        return started[-1]

    yield start
    for engine in started:
        engine.process.kill()


def value(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
        return row[0] if row else None


def test_the_application_owns_nothing_and_cannot_step_around_row_level_security(
    start: Callable[..., postgres.Engine],
) -> None:
    engine = start()
    rights = (
        "SELECT format('%s %s %s %s', rolsuper, rolbypassrls, rolcreatedb, rolcreaterole) "
        "FROM pg_roles WHERE rolname = current_user"
    )
    assert value(engine.app_url, rights) == "f f f f"
    assert value(engine.owner_url, rights) == "f t t t"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        value(engine.app_url, "CREATE TABLE mine ()")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        value(engine.app_url, f"SET ROLE {OWNER}")
    password = engine.passwords.of(APP)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(engine.owner_url.replace(engine.passwords.of(OWNER), password))
    assert value(engine.owner_url, "SHOW listen_addresses") == ""
    assert engine.sockets.stat().st_mode & 0o077 == 0

    # What a migration does for search: the owner lets the search role make one function, and hands it over.
    with psycopg.connect(engine.owner_url, autocommit=True) as owner:
        owner.execute("GRANT USAGE, CREATE ON SCHEMA public TO parley_search")
        owner.execute(
            "CREATE FUNCTION found() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT current_user::text'"
        )
        owner.execute("ALTER FUNCTION found() OWNER TO parley_search")
        owner.execute("REVOKE CREATE ON SCHEMA public FROM parley_search")
    assert value(engine.app_url, "SELECT found()") == "parley_search"

    engine.create_database("copy", "parley")
    assert value(engine.url("copy", APP), "SELECT found()") == "parley_search"
    engine.drop_database("copy")
    engine.drop_database("copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(engine.url("copy", APP))


@pytest.mark.crash
def test_what_was_acknowledged_survives_kill_nine(start: Callable[..., postgres.Engine], data: Path) -> None:
    engine = start(durable=True)
    assert value(engine.owner_url, "SHOW fsync") == "on"
    with psycopg.connect(engine.owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE kept (n int)")
        owner.execute("INSERT INTO kept VALUES (8)")
    engine.process.kill()
    assert (engine.cluster / "postmaster.pid").exists()
    engine.restart()
    engine.wait_until_ready()
    assert value(engine.owner_url, "SELECT max(n) FROM kept") == 8
    engine.stop()
    assert wait_for(lambda: not processes_of(data), 5)


@pytest.mark.crash
def test_a_lock_that_names_another_program_does_not_prevent_a_start(start: Callable[..., postgres.Engine]) -> None:
    engine = start()
    lock = engine.cluster / "postmaster.pid"
    left_behind = lock.read_text()
    engine.process.kill()
    with subprocess.Popen(["sleep", "60"]) as other:  # has been given the server's process id, as happens in containers
        lock.write_text(left_behind.replace(str(engine.process.pid), str(other.pid), 1))
        engine.restart()
        engine.wait_until_ready()
        other.kill()


@pytest.mark.crash
def test_half_a_cluster_is_not_taken_for_one(start: Callable[..., postgres.Engine], data: Path) -> None:
    (data / "postgres" / "cluster.new" / "base").mkdir(parents=True)
    assert value(start().app_url, "SELECT 1") == 1


def test_a_cluster_of_another_version_is_left_alone(data: Path) -> None:
    cluster = data / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(EnginesError, match="was made by PostgreSQL 9, and this is"):
        postgres.start(data, durable=False)


@pytest.mark.crash
def test_it_ends_with_the_program_that_started_it(data: Path) -> None:
    code = (
        "import sys, time, pathlib; from engines import postgres, valkey; folder = pathlib.Path(sys.argv[1]);"
        "postgres.start(folder, durable=False); valkey.start(folder); print('up', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(data)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"up\n"
        assert len(processes_of(data)) > 4
        os.kill(starter.pid, signal.SIGKILL)
    assert wait_for(lambda: not processes_of(data), 10), processes_of(data)
