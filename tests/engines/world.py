"""Starting the supervisor on the stub, and looking for what it leaves behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.processes import children_of, command_line_of, kill

ROOT = Path(__file__).resolve().parents[2]
STUB = Path(__file__).with_name("stub")
SETTINGS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "SMTP_URL", "HOST")


NORMAL_USER: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []}


class Run:
    """One supervisor on the stub."""

    def __init__(
        self, data: Path, port: int, *, root: Path = ROOT, python: str = sys.executable, **environment: str
    ) -> None:
        self.data = data
        self.port = port
        self.output = data.parent / f"{data.name}-{time.monotonic_ns()}.out"
        inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [python, "-m", "engines.supervisor", "--app-folder", str(root / "stub" if root != ROOT else STUB)],
                cwd=root,
                env=inherited | {"PARLEY_DATA": str(data), "PORT": str(port)} | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **(NORMAL_USER if python != sys.executable else {}),
            )

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_until_ready(self) -> None:
        wait_for(lambda: "Parley is ready at" in self.said or self.process.poll() is not None, 90)
        assert self.process.poll() is None, self.said

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:
            return bytes(response.read())

    def pid(self, what: str) -> int | None:
        """Return the process id of a program that the supervisor itself has started, when it runs."""
        for pid in children_of(self.process.pid):
            words = command_line_of(pid)
            if words and (what in words or what in words[0]):
                return pid
        return None

    def kill(self, what: str) -> int:
        """Kill a program without warning; return the process id it had."""
        pid = self.pid(what)
        assert pid, f"{what} does not run: {self.said}"
        kill(pid)
        return pid

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def clean_up(self) -> None:
        """Leave nothing on this machine, also when a test failed."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in processes_of(self.data):
            kill(pid)
        postgres = self.data / "postgres"
        if postgres.is_symlink():
            shutil.rmtree(postgres.resolve(), ignore_errors=True)


def wait_for(condition: Callable[[], Any], seconds: float) -> bool:
    """Wait until a condition holds; tell whether it did in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())


def processes_of(data: Path) -> list[int]:
    """Return every process that works for a data folder: by its command, its environment or where it stands."""
    mark = os.fsencode(data)
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            status = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            traces = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            folder = os.fsencode((entry / "cwd").readlink())
        except OSError:
            continue
        if status != "Z" and (mark in traces or folder.startswith(mark)):
            found.append(int(entry.name))
    return found
