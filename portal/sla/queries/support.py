"""Support hours and the table of promises as customers read them (P-13, the organization's own page)."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.authz.scopes import scope
from portal.cases.models import SeverityLevel
from portal.kernel.context import Context
from portal.sla.books import Books
from portal.sla.calendar import ALWAYS, Calendar, CalendarProblem, Interval, from_data
from portal.sla.house import house
from portal.sla.policy import Promise
from portal.sla.queries.terms import Effective, assignments_said, chosen, effective
from portal.tenants.models import Account

Id = uuid.UUID
_NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Hours:
    """Support hours at one moment. `open`: now; `until`: when that ends (None: never); `opens_at`: the next opening
    while closed (None: not any more). `today` and `week` are wall-clock minutes in `zone`."""

    name: str
    zone: str
    always: bool
    open: bool
    until: dt.datetime | None
    opens_at: dt.datetime | None
    today: Sequence[Interval]
    holiday: str
    week: Sequence[Sequence[Interval]]
    holidays_ahead: Sequence[tuple[dt.date, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One severity of the table: its name and definition, and what is promised."""

    rank: int
    name: str
    description: str
    promise: Promise


@dataclass(frozen=True, slots=True)
class Table:
    """What is promised to an account, or to everybody. `holds.agreed` False: no promise was agreed, no numbers."""

    holds: Effective
    rows: Sequence[Row]
    hours: Hours | None


def hours_at(calendar: Calendar, name: str, now: dt.datetime) -> Hours:
    """*calendar* at *now*."""
    opened = calendar.is_open(now)
    today = calendar.local(now).date()
    try:
        opens = None if opened else calendar.next_opening(now)
    except CalendarProblem:
        opens = None
    return Hours(
        name,
        calendar.zone,
        calendar.always,
        opened,
        calendar.next_closing(now) if opened else None,
        opens,
        calendar.hours_on(today),
        "" if calendar.always else calendar.holiday_name(today),
        calendar.week if not calendar.always else [[(0, 1440)]] * 7,
        calendar.holidays_ahead(today),
    )


def holds_for_everybody(ctx: Context) -> Effective:
    """What the provider agreed with everybody."""
    with house(ctx) as inner:
        return chosen(assignments_said(inner, []), _NOBODY, _NOBODY)


def support_table(ctx: Context, account: Account | None = None) -> Table:
    """The table of P-13 for *account* (of the actor's scope), or what holds for everybody; drawn from the effective
    policy, never from anything else."""
    holds = effective(ctx, account.organization_id, account.id) if account else holds_for_everybody(ctx)
    levels = ctx.session.scalars(scope(ctx.actor, SeverityLevel).order_by(SeverityLevel.rank)).all()
    with house(ctx) as inner:
        books = Books(inner)
        policy = books.policy(holds.policy_version) if holds.policy_version else None
        calendar = books.calendar(holds.calendar_version) if holds.calendar_version else None
    rows = [
        Row(level.rank, level.name, level.description, policy.promise(level.rank) if policy else Promise())
        for level in levels
    ]
    return Table(holds, rows, hours_at(calendar, holds.calendar_name, ctx.now) if calendar else None)


def open_now(ctx: Context, account: Account | None = None) -> Hours | None:
    """Whether support is open now, by the calendar of *account* or of everybody; None where no hours were agreed."""
    holds = effective(ctx, account.organization_id, account.id) if account else holds_for_everybody(ctx)
    if holds.calendar_version is None:
        return None
    with house(ctx) as inner:
        return hours_at(Books(inner).calendar(holds.calendar_version), holds.calendar_name, ctx.now)


def always_open() -> Calendar:
    """The calendar that never closes."""
    return ALWAYS


def hours_of(ctx: Context, content: Any) -> Hours:
    """The hours that a draft of a calendar describes, at `ctx.now`. Raises CalendarProblem."""
    return hours_at(from_data(content), "", ctx.now)
