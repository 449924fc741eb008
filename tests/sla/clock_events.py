"""Short ways to say what happened to a case, for tests of the fold without a database."""

import datetime as dt
import uuid

from portal.sla.engine import calendar, policy
from portal.sla.engine.clocks import Clock, Happening, Standing, replay
from portal.sla.engine.policy import Kind

WEEK = {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
OFFICE = calendar.from_data({"zone": "Europe/Warsaw", "week": WEEK, "country": "PL"})
POLICY, CALENDAR = uuid.UUID(int=1), uuid.UUID(int=2)


class Shelf:
    """Policies and calendars by id, as the books keep them."""

    def __init__(self, **severities):
        self.policies = {POLICY: policy.from_data({"severities": severities or DEFAULT})}
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


def said(when: str, name: str, side: str = "staff", known: str = "", **facts) -> Happening:
    """Something happened *when*; the house learned of it then, or later (*known*)."""
    by = {"staff": "Ana", "contact": "Rita"}.get(side, "")
    return Happening(name, at(when), at(known or when), by, side, facts)


def opened(when: str = "Mon 10:00", severity: int = 3) -> list[Happening]:
    """A case is opened, and the rules apply."""
    return [
        said(when, "case.submitted", "contact", severity=severity),
        said(when, "sla.policy_applied", "system", policy=str(POLICY), calendar=str(CALENDAR)),
    ]


def answered(when: str, **facts) -> Happening:
    return said(when, "case.answered", **facts)


def asked(when: str) -> Happening:
    return said(when, "case.asked", message="m1")


def replied(when: str, known: str = "", **facts) -> Happening:
    return said(when, "case.replied", "contact", known, **facts)


def folded(*happenings: Happening, shelf: Shelf | None = None) -> dict[tuple[str, int], Clock]:
    """Every clock by (kind, number)."""
    return {(str(c.kind), c.number): c for c in fold(*happenings, shelf=shelf)[1]}


def fold(*happenings: Happening, shelf: Shelf | None = None) -> tuple[Standing, list[Clock]]:
    return replay(happenings, shelf or Shelf())


FIRST, NEXT, UPDATE, RESOLUTION = (kind.value for kind in Kind)
