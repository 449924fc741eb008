"""The slots of a hotline in which somebody can be called back: pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from portal.kernel.errors import RuleProblem

# A slot begins at least so long after the question, lies within so many days, and so many are offered at most.
LEAD = dt.timedelta(minutes=15)
AHEAD = dt.timedelta(days=14)
MOST = 60
# The lengths that a provider may choose, in minutes. Slots begin at whole multiples of them, counted in UTC.
LENGTHS = (15, 30, 60)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class OpeningTimes(Protocol):
    """What slots ask of support hours (`sla.engine.calendar.Calendar`)."""

    def is_open(self, at: dt.datetime) -> bool: ...

    def next_opening(self, at: dt.datetime) -> dt.datetime: ...

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta: ...


@dataclass(frozen=True, slots=True)
class SlotRules:
    """How long a slot is, and how many calls one can hold."""

    minutes: int = 30
    calls: int = 1

    @property
    def length(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.minutes)


def is_slot(calendar: OpeningTimes, rules: SlotRules, start: dt.datetime, now: dt.datetime) -> bool:
    """Whether a slot begins at *start*, for a question at *now*: all of it is open, and it is near enough."""
    if not now + LEAD <= start <= now + AHEAD or (start - EPOCH) % rules.length:
        return False
    return calendar.between(start, start + rules.length) == rules.length


def free_slots(
    calendar: OpeningTimes, rules: SlotRules, now: dt.datetime, taken: Mapping[dt.datetime, int]
) -> list[dt.datetime]:
    """The beginnings of the first MOST slots that hold another call, in UTC; *taken* has the calls by slot."""
    found: list[dt.datetime] = []
    at = _align(now + LEAD, rules)
    while at <= now + AHEAD and len(found) < MOST:
        if not calendar.is_open(at):
            try:
                at = _align(calendar.next_opening(at), rules)
            except RuleProblem:
                break
            continue
        if is_slot(calendar, rules, at, now) and taken.get(at, 0) < rules.calls:
            found.append(at)
        at += rules.length
    return found


def _align(moment: dt.datetime, rules: SlotRules) -> dt.datetime:
    """The first multiple of the slot's length at or after *moment*."""
    moment = moment.astimezone(dt.UTC)
    return moment + (EPOCH - moment) % rules.length
