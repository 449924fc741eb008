"""Information about other processes of this machine, any of which may end meanwhile."""

import contextlib
import os
import signal
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The processes that *pid* started, from any of its threads; none when it has ended."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # gone between the listing and the reading, or while it was read
            found += map(int, task.read_text().split())
    return found


def descendants_of(pid: int) -> list[int]:
    """All descendants of *pid*."""
    return [found for child in children_of(pid) for found in (child, *descendants_of(child))]


def command_line_of(pid: int) -> list[str]:
    """The command line of *pid*, word by word; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def kill(pid: int) -> None:
    """End *pid* without warning, if it still runs."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
