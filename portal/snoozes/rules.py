"""The moments that a snooze offers, pure."""

import datetime as dt
from dataclasses import dataclass

from portal.sla.queries.interface import Calendar, NeverOpen

LATER = dt.timedelta(hours=3)
# The end of a day is offered so long before support closes.
BEFORE_CLOSING = dt.timedelta(minutes=30)
MORNING = dt.time(9)
_STEP = 15 * 60


@dataclass(frozen=True, slots=True)
class OfferedMoment:
    """A moment that is offered: `later`, `tomorrow`, `next_day` (the next working day is not tomorrow) or `monday`."""

    key: str
    at: dt.datetime


def offered_moments(now: dt.datetime, zone: dt.tzinfo, calendar: Calendar | None) -> list[OfferedMoment]:
    """What is offered at *now*: days are those of the reader's *zone*, hours those of *calendar* (None: Monday to
    Friday from nine)."""
    today = now.astimezone(zone).date()
    found = []
    later = _later_today(now, zone, calendar)
    if later is not None:
        found.append(OfferedMoment("later", later))
    next_day = _opening_from(today + dt.timedelta(days=1), zone, calendar)
    if next_day is not None:
        is_tomorrow = next_day.astimezone(zone).date() == today + dt.timedelta(days=1)
        found.append(OfferedMoment("tomorrow" if is_tomorrow else "next_day", next_day))
    monday = _opening_from(today + dt.timedelta(days=7 - today.weekday()), zone, calendar)
    if monday is not None and monday != next_day:
        found.append(OfferedMoment("monday", monday))
    return found


def _later_today(now: dt.datetime, zone: dt.tzinfo, calendar: Calendar | None) -> dt.datetime | None:
    """In three hours, or shortly before support closes; None where nothing of the day is left."""
    at = _round_up(now + LATER)
    if calendar is not None and not calendar.always:
        if not calendar.is_open(now):
            return None
        closing = calendar.next_closing(now)
        if closing is not None and at > closing - BEFORE_CLOSING:
            at = closing - BEFORE_CLOSING
    same_day = at.astimezone(zone).date() == now.astimezone(zone).date()
    return at if at > now and same_day else None


def _opening_from(day: dt.date, zone: dt.tzinfo, calendar: Calendar | None) -> dt.datetime | None:
    """When work begins on the first working day from *day*; None for a calendar that never opens again."""
    if calendar is not None and not calendar.always:
        midnight = dt.datetime.combine(day, dt.time(), zone)
        try:
            return calendar.next_opening(midnight.astimezone(dt.UTC))
        except NeverOpen:
            return None
    while calendar is None and day.weekday() >= 5:
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, MORNING, zone).astimezone(dt.UTC)


def _round_up(at: dt.datetime) -> dt.datetime:
    """*at*, at the next quarter of an hour."""
    seconds = -int(at.timestamp()) % _STEP
    return (at + dt.timedelta(seconds=seconds)).replace(microsecond=0)
