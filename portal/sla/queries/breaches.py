"""Broken promises, and those without a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, func, literal_column, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.statement_cache import fetch_rows
from portal.kernel.system_context import as_system
from portal.sla.clock_rows import clock_from_row
from portal.sla.engine import clock_status
from portal.sla.engine.clock_status import ClockStatus
from portal.sla.engine.policy import Policy
from portal.sla.models import CaseSlaState, Objection, SlaClock
from portal.sla.queries.case_clocks import calendars_of
from portal.sla.queries.results import is_broken
from portal.sla.rule_versions import RuleVersions


def broken_clocks(ctx: Context, case: Case) -> list[tuple[SlaClock, ClockStatus]]:
    """Every broken promise of *case*: missed clocks, and running ones that are late."""
    rows = ctx.session.scalars(
        scope(ctx.actor, SlaClock).where(SlaClock.case_id == case.id).order_by(SlaClock.started_at)
    )
    found = [(row, clock_from_row(row)) for row in rows]
    calendars = calendars_of(ctx, (clock for _row, clock in found))
    read = [(row, clock_status.read_clock(clock, calendars.get(clock.terms.calendar), ctx.now)) for row, clock in found]
    return [(row, one) for row, one in read if one.state in ("missed", "late")]


@dataclass(frozen=True, slots=True)
class OpenPoints:
    """What support still has to say about the promises of a case."""

    unexplained: bool  # a broken promise has no reason
    objections: int  # so many objections have no answer


def open_points(ctx: Context, case: Case) -> OpenPoints:
    """The open points of *case*; one statement."""
    row = fetch_rows(ctx, _open_points, case_id=case.id)[0]
    return OpenPoints(row.unexplained, row.objections)


def _open_points(actor: Actor) -> "Select[Any]":
    here = bindparam("case_id", None, Uuid())
    broken = scope(actor, CaseSlaState).where(CaseSlaState.case_id == here)
    broken = broken.where(CaseSlaState.unexplained > literal_column("0")).with_only_columns(CaseSlaState.id)
    waiting = scope(actor, Objection).where(Objection.case_id == here, Objection.verdict == literal_column("''"))
    counted = select(func.count()).select_from(waiting.with_only_columns(Objection.id).subquery())
    return select(broken.exists().label("unexplained"), counted.scalar_subquery().label("objections"))


def without_reason(found: Sequence[tuple[SlaClock, ClockStatus]]) -> list[tuple[SlaClock, ClockStatus]]:
    """Those clocks that were missed, or are late, and have no reason."""
    return [(row, one) for row, one in found if one.state in ("missed", "late") and not row.breach_reason]


def asks_why(ctx: Context, case: Case) -> bool:
    """Whether the policy of *case* requires reasons before it ends."""
    policy = policy_of(ctx, case)
    return policy is not None and policy.asks_why


def policy_of(ctx: Context, case: Case) -> Policy | None:
    """The version of the policy that applies to *case*; None without one."""
    fold_state = ctx.session.scalars(
        scope(ctx.actor, CaseSlaState).where(CaseSlaState.case_id == case.id)
    ).one_or_none()
    if fold_state is None or fold_state.policy_version_id is None:
        return None
    with as_system(ctx) as inner:
        return RuleVersions(inner).policy(fold_state.policy_version_id)


def unexplained_breaches(ctx: Context, *, case_id: Id | None = None, number: int = 1) -> Page[SlaClock]:
    """Broken promises without a reason, stopped or still running; the oldest due first."""
    rows = scope(ctx.actor, SlaClock).where(SlaClock.breach_reason == "", is_broken(ctx.now))
    if case_id is not None:
        rows = rows.where(SlaClock.case_id == case_id)
    rows = rows.options(joinedload(SlaClock.case, innerjoin=True).joinedload(Case.account, innerjoin=True))
    return fetch_page_of(ctx.session, rows.order_by(SlaClock.due_at, SlaClock.id), number, 50)
