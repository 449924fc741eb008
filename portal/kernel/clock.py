"""The only module that reads the system clock (tested). All other code uses `ctx.now`."""

import datetime as dt
import os
import time
from pathlib import Path

UTC = dt.UTC
_offset = dt.timedelta(0)
# The file with the offset from real time that all processes of a demo share; None in production.
_shared: Path | None = None
_read: tuple[int, dt.timedelta] = (0, dt.timedelta(0))


def now() -> dt.datetime:
    """The current time in UTC, aware, to the microsecond; moved by `travel` in tests, by `travel_all` in demos."""
    return dt.datetime.now(UTC) + _offset + (read_shared_offset() if _shared is not None else dt.timedelta(0))


def follow_file(file: Path | None) -> None:
    """Shift this process's clock by the offset in *file* from now on (None: real time)."""
    global _shared
    _shared = file


def read_shared_offset() -> dt.timedelta:
    """The offset from real time that all processes with the same file share. The file is read again when it changed."""
    global _read
    if _shared is None:
        return dt.timedelta(0)
    try:
        stamp = os.stat(_shared).st_mtime_ns
        if stamp != _read[0]:
            _read = (stamp, dt.timedelta(seconds=float(_shared.read_text() or 0)))
    except (OSError, ValueError, OverflowError):
        _read = (0, dt.timedelta(0))
    return _read[1]


def travel_all(by: dt.timedelta) -> None:
    """Set the offset of every process that follows the shared file to *by*; zero returns to real time. Raises
    RuntimeError without a shared file (production)."""
    if _shared is None:
        raise RuntimeError("time travels in the demo only")
    fresh = _shared.with_suffix(".new")
    fresh.write_text(str(by.total_seconds()))
    fresh.replace(_shared)


def milliseconds() -> int:
    """UTC milliseconds since 1970 of the real clock. Identifiers do not use the shifted time."""
    return time.time_ns() // 1_000_000


def travel(by: dt.timedelta) -> None:
    """Set the offset of this process's clock from real time to *by*; `travel(timedelta(0))` ends it."""
    global _offset
    _offset = by
