"""The engines of a test session: shared by its workers, gone with it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines import testing
from tests.engines.world import processes_of, wait_for
from tests.support.processes import command_line_of, kill

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """
import pytest
from engines import testing

def pytest_configure(config):
    testing.configure(config)

@pytest.fixture(scope="session")
def engines():
    return testing.current()
"""
TESTS = """
import os, time
import psycopg, pytest, redis

@pytest.mark.parametrize("n", range(4))
def test_engines(engines, n, worker_id):
    with psycopg.connect(engines.app_url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("parley_app",)
    assert redis.Redis.from_url(engines.redis_url(n)).ping()
    name = f"copy_{n}"
    engines.create_database(name, "parley")
    with psycopg.connect(engines.url(name)) as connection:
        assert connection.info.dbname == name
    engines.drop_database(name)
    print("SOCKETS", engines.sockets)
    if os.environ.get("LINGER"):
        time.sleep(600)
"""


@pytest.fixture
def session() -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with a test session in it, and its environment."""
    folder = Path(tempfile.mkdtemp(prefix="parley-session-"))
    folder.chmod(0o755)
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(TESTS)
    environment = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    for name in [name for name in environment if name.startswith(("PYTEST_", testing.VARIABLE))]:
        del environment[name]
    yield folder, environment
    shutil.rmtree(folder, ignore_errors=True)


def command(folder: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "pytest", "-n", "2", "-rP", "-p", "no:valkey", "-p", "no:cacheprovider"),
        str(folder),
    ]


def test_workers_share_one_and_nothing_stays(session: tuple[Path, dict[str, str]]) -> None:
    folder, environment = session
    ran = subprocess.run(command(folder), cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "4 passed" in ran.stdout
    assert len(set(re.findall(r"SOCKETS (.*)", ran.stdout))) == 1
    assert processes_of(folder) == []
    assert list(folder.glob(f"{testing.PREFIX}*")) == []


@pytest.mark.crash
def test_a_killed_session_leaves_no_process(session: tuple[Path, dict[str, str]]) -> None:
    folder, environment = session
    with subprocess.Popen(
        command(folder), cwd=folder, env=environment | {"LINGER": "1"}, stdout=subprocess.DEVNULL
    ) as run:
        assert wait_for(lambda: len(list(folder.glob(f"{testing.PREFIX}*/valkey/valkey.sock"))), 30)
        run.send_signal(signal.SIGKILL)
    engines_only = [pid for pid in processes_of(folder) if "pytest" not in " ".join(command_line_of(pid))]
    assert wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in engines_only), 10)
    for pid in processes_of(folder):  # xdist's workers notice the loss when their test is over
        kill(pid)
