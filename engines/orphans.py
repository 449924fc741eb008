"""Programs whose parent died before them. When a worker is killed, the job process it started continues. As "subreaper"
we become its parent, so that it neither stays as a zombie nor outlives Parley. Only Linux can do this; elsewhere
nothing happens.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of orphaned processes of our programs."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent() -> None:
    """Get SIGTERM when the program that started us dies."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)


def reap(known: Collection[int]) -> None:
    """Reap adopted programs that have ended."""
    for pid in adopted(known):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def end_adopted(known: Collection[int]) -> None:
    """End all adopted programs: ask, wait a moment, kill."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in adopted(known):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        deadline = time.monotonic() + 2
        while adopted(known) and time.monotonic() < deadline:
            reap(known)
            time.sleep(0.05)


def adopted(known: Collection[int]) -> list[int]:
    """Return our children that we did not start ourselves."""
    try:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    except OSError:
        return []
    return [pid for pid in map(int, children) if pid not in known]
