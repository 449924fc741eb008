"""Reports about promises: pauses without a question (N4), broken promises nobody explained, what was kept."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, text
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.paging import Page, paged
from portal.sla.models import SlaClock
from portal.tenants.models import Account

Id = uuid.UUID


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch of waiting for the customer that no public question began."""

    case: Case
    start: dt.datetime
    end: dt.datetime | None
    by: str


def pauses_without_question(ctx: Context, since: dt.datetime, limit: int = 200) -> list[Pause]:
    """Segments of clocks that paused for the customer since *since* without a question behind them, newest first."""
    rows = (
        scope(ctx.actor, SlaClock)
        .where(
            SlaClock.kind == "resolution",
            SlaClock.started_at >= since,
            text("""sla_clocks.segments @? '$[*] ? (@.why == "waiting" && @.message == "")'"""),
        )
        .options(joinedload(SlaClock.case, innerjoin=True).joinedload(Case.account, innerjoin=True))
        .order_by(SlaClock.started_at.desc())
        .limit(limit)
    )
    found = []
    for row in ctx.session.scalars(rows).unique():
        for one in row.segments:
            if one["why"] == "waiting" and not one.get("message"):
                end = dt.datetime.fromisoformat(one["end"]) if one["end"] else None
                found.append(Pause(row.case, dt.datetime.fromisoformat(one["start"]), end, one["by"]))
    return found


def unexplained_breaches(ctx: Context, *, case_id: Id | None = None, number: int = 1) -> Page[SlaClock]:
    """Broken promises, stopped or still running, for which nobody said why; the oldest due first."""
    rows = scope(ctx.actor, SlaClock).where(SlaClock.breach_reason == "", broken(ctx))
    if case_id is not None:
        rows = rows.where(SlaClock.case_id == case_id)
    rows = rows.options(joinedload(SlaClock.case, innerjoin=True).joinedload(Case.account, innerjoin=True))
    return paged(ctx.session, rows.order_by(SlaClock.due_at, SlaClock.id), number, 50)


def broken(ctx: Context) -> ColumnElement[bool]:
    """Whether a clock is a broken promise at `ctx.now`: missed, or overdue and not stopped."""
    late = (SlaClock.state != "stopped") & (SlaClock.due_at <= ctx.now)
    return (SlaClock.outcome == "missed") | late


@dataclass(frozen=True, slots=True)
class Kept:
    """How many clocks of one kind (and account, or severity) were met, of all that were met or missed."""

    key: str
    kind: str
    met: int
    total: int


def compliance(ctx: Context, since: dt.datetime, until: dt.datetime, *, by: str = "account") -> list[Kept]:
    """Kept promises by kind and `by` ('account' key or 'severity' rank), of clocks that stopped in the span."""
    rows: Select[Any] = scope(ctx.actor, SlaClock).where(
        SlaClock.stopped_at >= since, SlaClock.stopped_at < until, SlaClock.outcome.in_(("met", "missed"))
    )
    grouped: Any
    met = func.count().filter(SlaClock.outcome == "met")
    if by == "severity":
        grouped = rows.with_only_columns(SlaClock.severity, SlaClock.kind, met, func.count())
        grouped = grouped.group_by(SlaClock.severity, SlaClock.kind).order_by(SlaClock.severity, SlaClock.kind)
    else:
        rows = rows.join(Account, Account.id == SlaClock.account_id)
        grouped = rows.with_only_columns(Account.key, SlaClock.kind, met, func.count())
        grouped = grouped.group_by(Account.key, SlaClock.kind).order_by(Account.key, SlaClock.kind)
    return [Kept(str(row[0]), row[1], row[2], row[3]) for row in ctx.session.execute(grouped)]
