"""`make run`, on a stub in place of the portal: it starts, mends itself, and never leaves anything behind."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from engines import terminal, valkey
from engines.supervisor import free_port
from tests.engines.world import NORMAL_USER, ROOT, STUB, Run, processes_of, wait_for

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
    pytest.mark.slow,
]

Start = Callable[..., Run]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path that every user may enter: not pytest's own, which is closed to others."""
    made = Path(tempfile.mkdtemp(prefix="parley-supervisor-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start a supervisor; whatever happens, nothing of it stays."""
    runs: list[Run] = []

    def start(*, port: int | None = None, data: Path | None = None, **more: Any) -> Run:
        runs.append(Run(data or folder / "var", port or free_port(), **more))
        return runs[-1]

    yield start
    for run in runs:
        run.clean_up()


@pytest.mark.crash
def test_it_starts_mends_itself_and_stops_everything(start: Start) -> None:
    run = start()
    run.wait_until_ready()
    assert f"Parley is ready at http://127.0.0.1:{run.port}" in run.said
    assert "ana@northwind.example" in run.said
    answer = json.loads(run.get("/readyz"))
    assert answer["loaded"] == 1
    assert not answer["owner"], "the web process must not hold the owner's address"
    assert answer["sink"].startswith("smtp://127.0.0.1:")
    for private in ("secret", "environment", "postgres/passwords"):
        assert (run.data / private).stat().st_mode & 0o077 == 0

    second = start(port=free_port())
    assert second.process.wait(20) == 1
    assert f"already runs on {run.data} (process {run.process.pid})" in second.said

    for name in (
        "worker",
        "scheduler",
        "mail-sink",
        "mail-listener",
        valkey.find_server().name,
        "bin/postgres",
        "app:create_app()",
    ):
        before = run.kill(name)
        assert wait_for(lambda name=name, before=before: run.pid(name) not in {None, before}, 20), name
    assert wait_for(lambda: answers(run), 20), run.said
    assert "web was ended by SIGKILL; starting it again." in run.said

    assert run.end() == 0
    assert processes_of(run.data) == []
    assert "\nTraceback" not in run.said


@pytest.mark.crash
def test_killed_it_leaves_nothing_and_starts_again_at_once(start: Start) -> None:
    run = start()
    run.wait_until_ready()
    secret = (run.data / "secret").read_text()
    run.kill("app:create_app()")  # its workers must let go of the port by themselves
    run.process.kill()
    run.process.wait()

    again = start(port=run.port, data=run.data, STUB_CHILD="yes")  # at once, while the first one's programs still end
    again.wait_until_ready()
    assert json.loads(again.get("/readyz"))["loaded"] == 1
    assert (run.data / "secret").read_text() == secret
    again.kill("worker")  # leaves the child it started; the supervisor takes that over
    assert wait_for(lambda: "worker was ended" in again.said, 10)
    assert again.end(signal.SIGINT) == 0
    assert processes_of(run.data) == []


@pytest.mark.crash
def test_a_killed_supervisor_leaves_no_process(start: Start) -> None:
    run = start()
    run.wait_until_ready()
    assert len(processes_of(run.data)) > 8
    run.process.kill()
    run.process.wait()
    assert wait_for(lambda: not processes_of(run.data), 15), processes_of(run.data)


@pytest.mark.parametrize(
    ("failing", "sentence"),
    [
        ("mail-sink", "mail-sink keeps failing (it ended with code 1); the lines above are from "),
        ("migrate", "`flask --app app db upgrade` ended with code 1; the lines above are from "),
    ],
)
def test_what_keeps_failing_ends_the_start_with_its_last_words(start: Start, failing: str, sentence: str) -> None:
    run = start(STUB_FAIL=failing)
    assert run.process.wait(60) == 1
    assert f"The stub's {failing} was told to fail." in run.said
    assert sentence in run.said
    assert "\nTraceback" not in run.said
    assert processes_of(run.data) == []


def test_it_says_nothing_into_a_closed_pipe_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        terminal.say("Nobody reads this.")
        terminal.say("Nor this.")
        assert sys.stdout is not closed
        with contextlib.suppress(BrokenPipeError):
            closed.close()


def test_a_port_in_use_is_said_before_anything_starts(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = start(port=taken.getsockname()[1])
        assert run.process.wait(20) == 1
    assert run.said.startswith(f"Port {run.port} on 127.0.0.1 is already in use.")
    assert not (run.data / "postgres").exists()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "eight"}, "PORT=eight is not a port."),
        ({"PORT": "99999"}, "PORT=99999 is not a port."),
        ({"HOST": "192.0.2.1"}, "HOST=192.0.2.1 is not an address of this machine"),
        ({"DATABASE_URL": "postgresql:///x"}, "DATABASE_URL is set, but DATABASE_OWNER_URL is not."),
        ({"PARLEY_DATA": "/proc/parley"}, "PARLEY_DATA=/proc/parley cannot be used"),
    ],
)
def test_a_setting_that_cannot_be_meant_gets_a_sentence(start: Start, settings: dict[str, str], sentence: str) -> None:
    run = start(**settings)
    assert run.process.wait(20) == 1
    assert run.said.startswith(sentence)
    assert len(run.said.splitlines()) == 1


@pytest.mark.parametrize("name", ["with a space", "it's 100 %, or so"])
def test_it_runs_from_a_folder_with_any_name(start: Start, folder: Path, name: str) -> None:
    data = folder / name / "var"
    data.parent.mkdir()
    run = start(data=data)
    run.wait_until_ready()
    assert json.loads(run.get("/readyz"))["loaded"] == 1
    typed = subprocess.run(
        ["sh", "-c", '. "$1" && printf %s "$PARLEY_DATA"', "sh", data / "environment"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert typed.stdout == str(data)
    assert redis.Redis.from_url(re.findall(r"unix://[^'\n]+", (data / "environment").read_text())[0]).ping()
    assert run.end() == 0


@pytest.mark.skipif(os.getuid() != 0, reason="the other tests run as a normal user already")
def test_it_runs_as_a_normal_user_from_a_deep_folder(start: Start, folder: Path) -> None:
    python = python_for_normal_user()
    if python is None:
        pytest.skip("no Python of this version that a normal user may execute")
    shutil.copytree(ROOT / "engines", folder / "engines")
    shutil.copytree(STUB, folder / "stub")
    data = folder / ("deep" * 30) / "var"  # too long for a socket's path
    data.parent.mkdir()
    os.chown(data.parent, 65534, 65534)
    packages = str(Path(pytest.__file__).parents[1])
    run = start(python=python, data=data, root=folder, PYTHONPATH=packages, PYTHONDONTWRITEBYTECODE="1")
    run.wait_until_ready()
    assert json.loads(run.get("/readyz"))["loaded"] == 1
    short = [Path(path) for path in re.findall(r"/tmp/parley-65534-\w+", (data / "environment").read_text())]
    assert all(path.exists() for path in short) and len(short) == 3
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in processes_of(data)} == {65534}
    assert run.end() == 0
    assert processes_of(data) == []
    assert not any(path.exists() for path in short)


def python_for_normal_user() -> str | None:
    """Return a Python of our version that others may execute too (one under /root they may not)."""
    code = f"import sys, flask, psycopg; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    packages = {"PYTHONPATH": str(Path(pytest.__file__).parents[1])}
    for python in ("/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            tried = subprocess.run(
                [python, "-c", code], env=packages, capture_output=True, check=False, cwd="/", **NORMAL_USER
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    return None


def answers(run: Run) -> bool:
    try:
        return bool(run.get("/readyz"))
    except OSError:
        return False
