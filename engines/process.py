"""One started program: whether it is alive, stopping it, and its last output."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")
KEPT_LOGS = 3


@dataclass(frozen=True)
class User:
    """The user that a program runs as, if it is not ours."""

    uid: int
    gid: int


class Process:
    """A program in a process group of its own, killed by the kernel when we end, with its output in a file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user: User | None = None,
        death_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            # A session of its own: Ctrl-C at the terminal reaches the supervisor only, which stops things in order.
            self._popen = subprocess.Popen(
                [*die_with_parent_command(user, death_signal), *(str(word) for word in command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                cwd=folder or "/",
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int:
        """The program's process id, which is also its group's."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._popen.poll()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.exit_code is None

    @property
    def ending(self) -> str:
        """The text of its exit code."""
        code = self.exit_code
        if code is None:
            return "still runs"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def send(self, number: signal.Signals) -> None:
        """Send the program (not its children) a signal, if it still runs."""
        if self.alive:
            self._popen.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, at most *seconds*; return whether it has."""
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, number: signal.Signals = signal.SIGTERM, *, grace: float = 10) -> None:
        """Ask it to stop, wait, then kill it with all processes that it started."""
        self.send(number)
        self.wait(grace)
        self.kill()

    def kill(self) -> None:
        """Kill it and the rest of its group; returns when it has ended."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def last_lines(self, count: int = 20) -> str:
        """Its last output."""
        return last_lines(self.log, count)


def last_lines(log: Path, count: int = 20) -> str:
    """Return the end of a log."""
    try:
        with log.open("rb") as lines:
            lines.seek(max(0, log.stat().st_size - 32_768))
            text = lines.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def rotate(log: Path) -> None:
    """Rename the last run's log, and keep a few."""
    for age in range(KEPT_LOGS, 0, -1):
        older = log.with_name(f"{log.name}.{age}")
        newer = log.with_name(f"{log.name}.{age - 1}") if age > 1 else log
        if newer.exists():
            newer.replace(older)


def die_with_parent_command(user: User | None, death_signal: signal.Signals) -> list[str]:
    """Return the arguments before a command that let it end with this process."""
    words = [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid()), str(int(death_signal))]
    return [*words, *([f"{user.uid}:{user.gid}"] if user else []), "--"]


def run(command: Sequence[str | Path], *, user: User | None = None) -> str:
    """Run a program to its end and return its output; raises CalledProcessError when it fails."""
    return subprocess.run(
        [*die_with_parent_command(user, signal.SIGTERM), *(str(word) for word in command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        check=True,
        text=True,
        errors="replace",
    ).stdout


def version_of(program: Path) -> tuple[int, ...]:
    """Return the version of `program --version` as numbers; empty if the output has none."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"\d+(?:\.\d+)+", said)
    return tuple(int(number) for number in found[0].split(".")) if found else ()
