"""The clocks of cases: the nearest one of each case of a list, all of one case, and what was promised on its form."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.lists import SINCE
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.statement_cache import NOW, fetch_rows
from portal.kernel.system_context import as_system
from portal.sla.clock_rows import clock_from_row
from portal.sla.engine import clock_status
from portal.sla.engine.clock_status import ClockStatus
from portal.sla.engine.clocks import Clock
from portal.sla.engine.policy import ClockKind
from portal.sla.models import CaseSlaState, EscalationStep, FiredStep, PromiseShown, SlaClock
from portal.sla.rule_versions import RuleVersions

# The period of the queue "due soon" and the monitor; under HURRY it is high time.
AHEAD = dt.timedelta(hours=2)


def due_soon(actor: Actor) -> ColumnElement[bool]:
    """Cases whose nearest promise falls due within AHEAD of the moment."""
    return _cases_where(actor, CaseSlaState.next_due_at > NOW, CaseSlaState.next_due_at <= NOW + AHEAD)


def breached(actor: Actor) -> ColumnElement[bool]:
    """Cases with a broken promise whose clock has not stopped, as `engine.results` defines it: `next_due_at` is the
    first due time of their clocks."""
    return _cases_where(actor, CaseSlaState.next_due_at <= NOW)


def became_due_soon(actor: Actor) -> ColumnElement[bool]:
    """Cases of `due_soon` that were not due soon at SINCE."""
    return _cases_where(actor, CaseSlaState.next_due_at > SINCE + AHEAD, CaseSlaState.next_due_at <= NOW + AHEAD)


def became_late(actor: Actor) -> ColumnElement[bool]:
    """Cases of `breached` that were not late at SINCE."""
    return _cases_where(actor, CaseSlaState.next_due_at > SINCE, CaseSlaState.next_due_at <= NOW)


def _cases_where(actor: Actor, *when: ColumnElement[bool]) -> ColumnElement[bool]:
    return Case.id.in_(select(CaseSlaState.case_id).where(CaseSlaState.provider_id == actor.provider_id, *when))


def nearest_clocks(ctx: Context, case_ids: Sequence[Id]) -> dict[Id, ClockStatus]:
    """The clock of each case that a list shows: the one due first, else one that stands still; one statement.

    A case with no clock that goes on is left out.
    """
    going: dict[Id, list[Clock]] = {}
    for row in fetch_rows(ctx, _running_clocks, case_ids=list(case_ids)):
        going.setdefault(row.case_id, []).append(clock_from_row(row))
    calendars = calendars_of(ctx, (clock for found in going.values() for clock in found))
    return {case_id: first_due(found, calendars, ctx.now) for case_id, found in going.items()}


def running_clocks(ctx: Context, case_ids: Sequence[Id]) -> dict[Id, dict[Id, ClockStatus]]:
    """All clocks of each case that go on, by case and by clock id, with their present status; one statement."""
    found = [(row, clock_from_row(row)) for row in fetch_rows(ctx, _running_clocks, case_ids=list(case_ids))]
    calendars = calendars_of(ctx, (clock for _row, clock in found))
    going: dict[Id, dict[Id, ClockStatus]] = {}
    for row, clock in found:
        status = clock_status.read_clock(clock, calendars.get(clock.terms.calendar), ctx.now)
        going.setdefault(row.case_id, {})[row.id] = status
    return going


def _running_clocks(actor: Actor) -> "Select[Any]":
    rows = scope(actor, SlaClock).where(SlaClock.state != "stopped")
    rows = rows.where(SlaClock.case_id == any_(bindparam("case_ids", None, ARRAY(Uuid()))))
    return rows.with_only_columns(*table_of(SlaClock).columns)


def latest_clocks(ctx: Context, case: Case) -> list[tuple[Any, ClockStatus]]:
    """The latest clock of each kind on *case* (a row of its columns), in the order of `Kind`, with its present
    status."""
    found = [(row, clock_from_row(row)) for row in fetch_rows(ctx, _latest_clocks, case_id=case.id)]
    calendars = calendars_of(ctx, (clock for _row, clock in found))
    order = list(ClockKind)
    return sorted(
        ((row, clock_status.read_clock(clock, calendars.get(clock.terms.calendar), ctx.now)) for row, clock in found),
        key=lambda pair: order.index(pair[1].kind),
    )


def _latest_clocks(actor: Actor) -> "Select[Any]":
    rows = scope(actor, SlaClock).where(SlaClock.case_id == bindparam("case_id", None, Uuid()))
    rows = rows.ext(distinct_on(SlaClock.kind)).with_only_columns(*table_of(SlaClock).columns)
    return rows.order_by(SlaClock.kind, SlaClock.number.desc())


def lead_alerted_at(ctx: Context, case: Case, kind: str) -> dt.datetime | None:
    """When the team lead was last notified that a clock of *kind* on *case* ran out. Read as the system, because
    customers may not see the recipients of rules, but may know that the lead was alerted."""
    with as_system(ctx) as inner:
        rows = (
            scope(inner.actor, FiredStep)
            .join(EscalationStep, EscalationStep.id == FiredStep.step_id)
            .where(
                FiredStep.case_id == case.id,
                FiredStep.kind == kind,
                EscalationStep.percent >= 100,
                EscalationStep.whom.contains(["lead"]),
            )
            .with_only_columns(func.max(FiredStep.told_at))
        )
        return inner.session.scalar(rows)


def first_due(found: Sequence[Clock], calendars: Mapping[Id | None, Any], now: dt.datetime) -> ClockStatus:
    """Of clocks that go on, the one that is due first; paused ones come last."""
    chosen = min(found, key=lambda clock: (clock.due_at is None, clock.due_at or clock.started_at))
    return clock_status.read_clock(chosen, calendars.get(chosen.terms.calendar), now)


def calendars_of(ctx: Context, clocks: Iterable[Clock]) -> dict[Id | None, Any]:
    """The calendars that *clocks* are counted by. A process caches them, so usually nothing is read."""
    wanted = {clock.terms.calendar for clock in clocks if clock.terms.calendar is not None}
    if not wanted:
        return {}
    rules = RuleVersions(ctx)
    if not rules.has_calendars(wanted):
        # A customer may not see a version that is no longer agreed, though their case was counted by it.
        with as_system(ctx) as inner:
            rules = RuleVersions(inner)
            rules.fetch([], wanted)
    return {version: rules.calendar(version) for version in wanted}


def shown_promise(ctx: Context, case: Case) -> PromiseShown | None:
    """The promise that the form showed the opener of *case*; None for older cases without it."""
    return ctx.session.scalars(scope(ctx.actor, PromiseShown).where(PromiseShown.case_id == case.id)).one_or_none()
