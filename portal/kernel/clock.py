"""The only place that reads the wall clock (tested). Everything else is given `ctx.now`."""

import datetime as dt
import time

UTC = dt.UTC
_offset = dt.timedelta(0)


def now() -> dt.datetime:
    """The current time in UTC, aware, to the microsecond; moved by `travel` in demos and tests."""
    return dt.datetime.now(UTC) + _offset


def milliseconds() -> int:
    """UTC milliseconds since 1970 of the real clock: identifiers do not travel in time."""
    return time.time_ns() // 1_000_000


def travel(by: dt.timedelta) -> None:
    """Move this process's clock by *by* from real time; `travel(timedelta(0))` comes home."""
    global _offset
    _offset = by
