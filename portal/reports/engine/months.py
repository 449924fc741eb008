"""Calendar months of a zone, and shares."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in one zone: its `key` ('2026-11'), its first day, its first moment and that of the next one."""

    key: str
    day: dt.date
    start: dt.datetime
    end: dt.datetime


def list_months(now: dt.datetime, zone: dt.tzinfo, count: int) -> Sequence[Month]:
    """The last *count* months of *zone* up to that of *now*, the oldest first. The moments are in UTC."""
    there = now.astimezone(zone)
    firsts = [_first(there.year, there.month - back) for back in range(count - 1, -2, -1)]
    moments = [dt.datetime(day.year, day.month, 1, tzinfo=zone).astimezone(dt.UTC) for day in firsts]
    return [
        Month(day.strftime("%Y-%m"), day, start, end)
        for day, start, end in zip(firsts, moments, moments[1:], strict=False)
    ]


def _first(year: int, month: int) -> dt.date:
    """The first day of a month; *month* may be below 1 or above 12."""
    years, place = divmod(month - 1, 12)
    return dt.date(year + years, place + 1, 1)


def percent(part: int, whole: int) -> int | None:
    """*part* of *whole* in whole per cent, half up; 100 only for all and 0 only for none. None for no whole."""
    if not whole:
        return None
    if part in (0, whole):
        return 100 * part // whole
    return min(max((200 * part + whole) // (2 * whole), 1), 99)
