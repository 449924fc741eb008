"""Times to answer and to resolve, satisfaction and spared cases, by month, account, severity and channel."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, or_, select, tuple_
from sqlalchemy import case as sql_case
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.cases.queries.status_filter import state_condition
from portal.cases.states import State
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.knowledge.models import HelpRead
from portal.knowledge.queries.use import AFTERWARDS
from portal.reports.engine.months import Month
from portal.surveys.models import Survey
from portal.tenants.models import Account

OPENED, ANSWERED, RESOLVED, RATED = "opened", "answered", "resolved", "rated"
MEASURES = (OPENED, ANSWERED, RESOLVED, RATED)
DIMENSIONS = ("month", "account", "severity", "channel")
# The number of lines of one table: accounts can be hundreds.
LINES = 50
SIZE = 50


@dataclass(frozen=True, slots=True)
class Selection:
    """The months of a report, and what it is limited to; None and '' limit nothing."""

    months: Sequence[Month]
    account_id: Id | None = None
    severity: int | None = None
    channel: str = ""

    @property
    def is_limited(self) -> bool:
        return self.account_id is not None or self.severity is not None or bool(self.channel)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of one line: how many cases or answers, and of a time the median and the 90th percentile in seconds,
    or of answers to surveys the average score as `middle`."""

    count: int
    middle: float | None = None
    most: float | None = None


# By dimension, key of the line and measure.
Figures = Mapping[str, Mapping[Any, Mapping[str, Figure]]]


def _counted(ctx: Context, chosen: Selection, measure: str) -> "tuple[Select[Any], ColumnElement[Any]]":
    """The cases that count for *measure*, those of surveys joined with their answer, and the moment of what counts: an
    event belongs to the month in which it happened. Merged cases are part of another one and do not count."""
    start, end = chosen.months[0].start, chosen.months[-1].end
    rows: Select[Any]
    moment: Any
    if measure == RATED:
        rows = scope(ctx.actor, Survey).join(Case, Case.id == Survey.case_id).where(Survey.score.is_not(None))
        moment = Survey.answered_at
    elif measure == RESOLVED:
        resolved = _resolved(ctx, start)
        rows = scope(ctx.actor, Case).join(resolved, resolved.c.id == Case.id)
        moment = resolved.c.at
    else:
        rows = scope(ctx.actor, Case)
        moment = Case.opened_at if measure == OPENED else Case.first_answer_at
    rows = rows.where(moment >= start, moment < end, Case.merged_into_id.is_(None))
    if chosen.account_id is not None:
        rows = rows.where(Case.account_id == chosen.account_id)
    if chosen.severity is not None:
        rows = rows.where(Case.severity == chosen.severity)
    if chosen.channel:
        rows = rows.where(_channel(measure) == chosen.channel)
    return rows, moment


def _channel(measure: str) -> ColumnElement[str]:
    """The channel of what counts: that of the case, but of an answer about a call or a chat that of the talk."""
    if measure != RATED:
        return Case.channel.expression
    talks = {"call": "phone", "chat": "chat"}
    return sql_case(
        *((Survey.kind == literal(kind), literal(name)) for kind, name in talks.items()), else_=Case.channel
    )


def _resolved(ctx: Context, start: dt.datetime) -> "Subquery":
    """(id, at): when each case got the solution that holds. A case that is closed forgets `resolved_at`, and its last
    solution says it; one that was closed before *start* was resolved before."""
    last = select(func.max(Message.recorded_at)).where(Message.case_id == Case.id, Message.kind == "resolution")
    solved = last.correlate(Case).scalar_subquery()
    rows = scope(ctx.actor, Case).where(
        state_condition(State.RESOLVED, State.CLOSED),
        func.coalesce(Case.closed_at, Case.resolved_at) >= start,
    )
    return rows.with_only_columns(Case.id, func.coalesce(Case.resolved_at, solved).label("at")).subquery()


def figures(ctx: Context, chosen: Selection) -> Figures:
    """The figures of *chosen* by dimension, line and measure. A month is its place in `chosen.months`; an account its
    id. One statement a measure."""
    found: dict[str, dict[Any, dict[str, Figure]]] = {dimension: {} for dimension in DIMENSIONS}
    for measure in MEASURES:
        for dimension, key, figure in _measure(ctx, chosen, measure):
            found[dimension].setdefault(key, {})[measure] = figure
    return found


def _measure(ctx: Context, chosen: Selection, measure: str) -> list[tuple[str, Any, Figure]]:
    cases, moment = _counted(ctx, chosen, measure)
    value: Any
    if measure == RATED:
        value = Survey.score
    elif measure == OPENED:
        value = literal(0)
    else:
        value = func.extract("epoch", moment - Case.opened_at)
    starts = array([literal(month.start) for month in chosen.months])
    counted = cases.with_only_columns(
        (func.width_bucket(moment, starts) - 1).label("month"),
        Case.account_id.label("account"),
        Case.severity.label("severity"),
        _channel(measure).label("channel"),
        value.label("value"),
    ).subquery()
    lines = [counted.c[dimension] for dimension in DIMENSIONS]
    middle: ColumnElement[Any]
    most: ColumnElement[Any]
    if measure == RATED:
        middle, most = func.avg(counted.c.value), literal(None)
    elif measure == OPENED:
        middle = most = literal(None)
    else:
        middle, most = (func.percentile_cont(share).within_group(counted.c.value) for share in (0.5, 0.9))
    rows = select(*lines, func.grouping(*lines), func.count(), middle, most)
    rows = rows.group_by(func.grouping_sets(*(tuple_(line) for line in lines)))
    made = []
    for *keys, absent, count, middle_value, most_value in ctx.session.execute(rows):
        # GROUPING has a bit for each column that the row is not grouped by, the last column's the lowest.
        place = next(n for n in range(len(lines)) if not absent >> (len(lines) - 1 - n) & 1)
        figure = Figure(count, _number(middle_value), _number(most_value))
        made.append((DIMENSIONS[place], keys[place], figure))
    return made


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def accounts_of(ctx: Context, ids: Sequence[Id]) -> Mapping[Id, Account]:
    """The visible accounts with these ids."""
    rows = scope(ctx.actor, Account).where(Account.id.in_(ids))
    return {row.id: row for row in ctx.session.scalars(rows)}


def cases_behind(ctx: Context, chosen: Selection, measure: str, number: int) -> Page[Any]:
    """The cases that a figure counts, the newest event first: (case, when, score or None)."""
    cases, moment = _counted(ctx, chosen, measure)
    score = Survey.score if measure == RATED else literal(None)
    rows = cases.with_only_columns(Case, moment, score)
    rows = rows.options(joinedload(Case.account, innerjoin=True)).order_by(moment.desc(), Case.id)
    return fetch_page_of(ctx.session, rows, number, SIZE, scalars=False)


@dataclass(frozen=True, slots=True)
class Spared:
    """Of the customers' days with an article read in one month: on how many none of the reader's cases was opened in
    the seven days after, and how many there were. Days that ended less than seven days ago do not count yet."""

    without_case: int
    days: int


def spared_cases(ctx: Context, months: Sequence[Month]) -> Mapping[int, Spared]:
    """By place in *months*. A person who reads several articles on a day counts once. One statement."""
    first_reads = (
        scope(ctx.actor, HelpRead)
        .where(HelpRead.read_at >= months[0].start, HelpRead.read_at < months[-1].end)
        .where(HelpRead.read_at <= ctx.now - AFTERWARDS)
        .with_only_columns(HelpRead.user_id, HelpRead.read_on, func.min(HelpRead.read_at).label("at"))
        .group_by(HelpRead.user_id, HelpRead.read_on)
        .subquery()
    )
    opened = (
        scope(ctx.actor, Case)
        .where(Case.opened_at >= months[0].start)
        .with_only_columns(Case.reported_by_id, Case.contact_user_id, Case.opened_at)
        .subquery()
    )
    theirs = or_(opened.c.reported_by_id == first_reads.c.user_id, opened.c.contact_user_id == first_reads.c.user_id)
    within = and_(opened.c.opened_at > first_reads.c.at, opened.c.opened_at <= first_reads.c.at + AFTERWARDS)
    has_case = select(opened.c.opened_at).where(theirs, within).correlate(first_reads).exists()
    starts = array([literal(month.start) for month in months])
    days = select(
        (func.width_bucket(first_reads.c.at, starts) - 1).label("month"), has_case.label("has_case")
    ).subquery()
    rows = select(days.c.month, func.count().filter(~days.c.has_case), func.count()).group_by(days.c.month)
    return {month: Spared(without_case, total) for month, without_case, total in ctx.session.execute(rows)}
