"""A calendar counted the slow way: minute by minute, asking the wall clock each time. calendar.py must agree."""

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from portal.sla.engine.calendar import Calendar

MINUTE = dt.timedelta(minutes=1)


def is_open(calendar: Calendar, at: dt.datetime) -> bool:
    """Whether the wall clock of the zone shows an open minute at *at* (UTC, whole minutes)."""
    if calendar.always:
        return True
    local = at.astimezone(ZoneInfo(calendar.zone))
    day, minute = local.date(), local.hour * 60 + local.minute
    before = day - dt.timedelta(days=1)
    one_offs = [
        (o.open, o.start <= minute < o.end) if o.day == day else (o.open, o.start <= minute + 1440 < o.end)
        for o in calendar.one_offs
        if o.day in (day, before)
    ]
    if any(hit and not opens for opens, hit in one_offs):
        return False
    if any(hit and opens for opens, hit in one_offs):
        return True
    if is_holiday(calendar, day):
        return False
    usual = any(a <= minute < b for a, b in calendar.week[day.weekday()])
    return usual or any(a <= minute + 1440 < b for a, b in calendar.week[before.weekday()])


def is_holiday(calendar: Calendar, day: dt.date) -> bool:
    """By hand or by country, asked day by day."""
    if day.isoformat() in calendar.holidays or f"{day:%m-%d}" in calendar.holidays:
        return True
    return bool(calendar.country) and day in public_holidays(calendar.country, day.year)


@cache
def public_holidays(country: str, year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays(country, years=year))


def between(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Open minutes counted one by one."""
    count, at = 0, start
    while at < end:
        count += is_open(calendar, at)
        at += MINUTE
    return count * MINUTE


def add(calendar: Calendar, start: dt.datetime, minutes: int, most: int) -> dt.datetime | None:
    """The moment after which so many open minutes have passed; None if that takes more than *most* minutes."""
    at = start
    for _ in range(most):
        if not minutes:
            return at
        minutes -= is_open(calendar, at)
        at += MINUTE
    return at if not minutes else None
