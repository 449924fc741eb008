"""Reports about promises: kept and broken promises, and pauses without a question (N4)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, text
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.sla.engine.results import PromiseCount
from portal.sla.models import SlaClock
from portal.sla.queries import results
from portal.tenants.models import Account

# The limit of lines of a report: four clocks of each account.
ROW_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class UnaskedPause:
    """A wait for the customer that did not begin with a public question."""

    case: Case
    start: dt.datetime
    end: dt.datetime | None
    by: str


def pauses_without_question(ctx: Context, since: dt.datetime, limit: int = 200) -> list[UnaskedPause]:
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
                found.append(UnaskedPause(row.case, dt.datetime.fromisoformat(one["start"]), end, one["by"]))
    return found


@dataclass(frozen=True, slots=True)
class ComplianceFigure:
    """The results of promises of one kind, of one account or severity, and the median of the elapsed time from the
    start of a clock to its end (to the end of the period, for one that is overdue)."""

    key: str
    name: str
    kind: str
    count: PromiseCount
    median: dt.timedelta


def compliance(
    ctx: Context, since: dt.datetime, until: dt.datetime, *, by: str = "account", account_id: Id | None = None
) -> list[ComplianceFigure]:
    """Kept and broken promises by kind and *by* ('account': key and name; 'severity': rank) in the period from *since*
    until *until*, or until now (`engine.results`). One statement."""
    until = min(until, ctx.now)
    elapsed = func.extract("epoch", func.least(SlaClock.stopped_at, until) - SlaClock.started_at)
    figures = (
        SlaClock.kind,
        *results.kept_and_broken(since, until),
        func.percentile_cont(0.5).within_group(elapsed),
    )
    rows: Select[Any] = scope(ctx.actor, SlaClock).where(results.counts_in_period(since, until))
    if account_id is not None:
        rows = rows.where(SlaClock.account_id == account_id)
    groups: tuple[Any, ...]
    if by == "severity":
        groups = (SlaClock.severity, literal(""))
        rows = rows.with_only_columns(*groups, *figures).group_by(SlaClock.severity, SlaClock.kind)
    else:
        groups = (Account.key, Account.name)
        rows = rows.join(Account, Account.id == SlaClock.account_id).with_only_columns(*groups, *figures)
        rows = rows.group_by(*groups, SlaClock.kind)
    rows = rows.order_by(groups[0], SlaClock.kind).limit(ROW_LIMIT)
    return [
        ComplianceFigure(str(key), name, kind, PromiseCount(kept, broken), dt.timedelta(seconds=float(median)))
        for key, name, kind, kept, broken, median in ctx.session.execute(rows)
    ]


def broken_clocks(
    ctx: Context,
    since: dt.datetime,
    until: dt.datetime,
    *,
    account_id: Id | None = None,
    severity: int | None = None,
    kind: str = "",
    number: int = 1,
) -> Page[SlaClock]:
    """The broken promises of that period with their cases: those that are overdue first, then the latest."""
    rows = scope(ctx.actor, SlaClock).where(results.broken_in_period(since, min(until, ctx.now)))
    if account_id is not None:
        rows = rows.where(SlaClock.account_id == account_id)
    if severity is not None:
        rows = rows.where(SlaClock.severity == severity)
    if kind:
        rows = rows.where(SlaClock.kind == kind)
    rows = rows.options(joinedload(SlaClock.case, innerjoin=True).joinedload(Case.account, innerjoin=True))
    order = (SlaClock.stopped_at.desc().nulls_first(), SlaClock.due_at, SlaClock.id)
    return fetch_page_of(ctx.session, rows.order_by(*order), number, 50)
