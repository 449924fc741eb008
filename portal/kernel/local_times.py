"""Days and times that people write in the time of a zone, as moments in UTC."""

import datetime as dt


class SkippedTime(ValueError):
    """On that day the clocks of the zone skip this time."""


def read_local_time(written: str, zone: dt.tzinfo) -> dt.datetime | None:
    """The moment *written* as `2026-11-25 09:00` or `2026-11-25T09:00` in *zone*, or with an offset of its own.

    None for anything else, a day alone too. Raises SkippedTime for a time that a change of the clocks leaves out; of
    one that is there twice it is the first.
    """
    typed = written.strip()
    try:
        parsed = dt.datetime.fromisoformat(typed)
        if len(typed) <= len("2026-11-25"):
            return None
        moment = (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(dt.UTC)
        there = moment.astimezone(zone)
    except (ValueError, OverflowError):
        return None
    if parsed.tzinfo is None and there.replace(tzinfo=None) != parsed:
        raise SkippedTime
    return moment


def read_date(written: str) -> dt.date | None:
    """The day *written* as `2026-11-25`, of the years 2000 to 2199; None for anything else."""
    typed = written.strip()
    try:
        day = dt.date.fromisoformat(typed) if len(typed) == len("2026-11-25") else None
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year <= 2199 else None


def read_day(written: str, zone: dt.tzinfo, *, after: bool = False) -> dt.datetime | None:
    """When the day *written* as `2026-11-25` begins in *zone*, or, *after*, when it is over; None for anything else."""
    try:
        day = dt.date.fromisoformat(written)
        start = dt.datetime.combine(day + dt.timedelta(days=1 if after else 0), dt.time(), zone)
        return start.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
