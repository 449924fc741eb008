"""Short ways to say what happened to a case, for tests of the fold without a database."""

import datetime as dt
import uuid

from portal.sla.engine import calendar, policy
from portal.sla.engine.clocks import Clock, ClockEvent, FoldState, replay
from portal.sla.engine.policy import ClockKind

WEEK = {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
OFFICE = calendar.parse_calendar({"zone": "Europe/Warsaw", "week": WEEK, "country": "PL"})
POLICY, CALENDAR = uuid.UUID(int=1), uuid.UUID(int=2)


class FixedRules:
    """Policies and calendars by id, as the books keep them."""

    def __init__(self, *, start_responds: bool = False, **severities):
        content = {"severities": severities or DEFAULT, "start_responds": start_responds}
        self.policies = {POLICY: policy.parse_policy(content)}
        self.calendars = {CALENDAR: OFFICE}

    def policy(self, version_id):
        return self.policies[version_id]

    def calendar(self, version_id):
        return self.calendars[version_id]


DEFAULT = {
    "1": {
        "first_response": "15 minutes always",
        "next_response": "30 minutes always",
        "next_update": "1 hour always",
        "resolution": "4 hours always",
    },
    "3": {
        "first_response": "4 hours",
        "next_response": "4 hours",
        "next_update": "1 business day",
        "resolution": "2 business days",
    },
}


def at(written: str) -> dt.datetime:
    """ "Mon 10:00" of the week of Monday 2026-11-16, Warsaw time (UTC+1)."""
    day, _space, clock = written.partition(" ")
    number = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(day.rstrip("+"))
    weeks = day.count("+")
    hours, minutes = map(int, clock.split(":"))
    start = dt.datetime(2026, 11, 16, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    moment = start + dt.timedelta(days=number + 7 * weeks, hours=hours, minutes=minutes)
    return moment.astimezone(dt.UTC)


def make_event(when: str, name: str, side: str = "staff", known: str = "", **facts) -> ClockEvent:
    """Something happened *when*; the system heard of it then, or later (*known*)."""
    by = {"staff": "Ana", "contact": "Rita"}.get(side, "")
    return ClockEvent(name, at(when), at(known or when), by, side, facts)


def opening_events(when: str = "Mon 10:00", severity: int = 3) -> list[ClockEvent]:
    """A case is opened, and the rules apply."""
    return [
        make_event(when, "case.submitted", "contact", severity=severity),
        make_event(when, "sla.policy_applied", "system", policy=str(POLICY), calendar=str(CALENDAR)),
    ]


def answer_event(when: str, **facts) -> ClockEvent:
    return make_event(when, "case.answered", **facts)


def question_event(when: str) -> ClockEvent:
    return make_event(when, "case.asked", message="m1")


def reply_event(when: str, known: str = "", **facts) -> ClockEvent:
    return make_event(when, "case.replied", "contact", known, **facts)


def fold_by_kind(*clock_events: ClockEvent, rules: FixedRules | None = None) -> dict[tuple[str, int], Clock]:
    """Every clock by (kind, number)."""
    return {(str(c.kind), c.number): c for c in fold_events(*clock_events, rules=rules)[1]}


def fold_events(*clock_events: ClockEvent, rules: FixedRules | None = None) -> tuple[FoldState, list[Clock]]:
    return replay(clock_events, rules or FixedRules())


FIRST, NEXT, UPDATE, RESOLUTION = (kind.value for kind in ClockKind)
