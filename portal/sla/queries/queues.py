"""Queues by promise: what belongs in them and how lists are sorted by them. Index scans on one row a case."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from portal.cases.models import Case
from portal.kernel.context import Context
from portal.sla.models import CaseStanding

# What is due within so long counts as due soon.
SOON = dt.timedelta(hours=2)


def _standings(ctx: Context, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    rows = select(CaseStanding.case_id).where(CaseStanding.provider_id == ctx.provider_id, *where)
    return Case.id.in_(rows)


def due_soon(ctx: Context) -> ColumnElement[bool]:
    """Cases whose nearest promise is due within SOON, and not yet late."""
    until = ctx.now + SOON
    return _standings(ctx, CaseStanding.next_due_at > ctx.now, CaseStanding.next_due_at <= until)


def breached(ctx: Context) -> ColumnElement[bool]:
    """Cases with a promise that is overdue and still runs."""
    return _standings(ctx, CaseStanding.next_due_at <= ctx.now)


def unexplained(ctx: Context) -> ColumnElement[bool]:
    """Cases with a broken promise for which nobody said why."""
    return _standings(ctx, CaseStanding.unexplained > 0)


def joined(rows: Select[Any]) -> Select[Any]:
    """*rows* of cases with their standing beside them, for sorting; cases without one stay."""
    return rows.outerjoin(
        CaseStanding, and_(CaseStanding.case_id == Case.id, CaseStanding.provider_id == Case.provider_id)
    )


# Orders for `lists.Ordering`: nearest due first (late on top, paused and unpromised at the bottom), then severity;
# and the severe first, by due time among them (F6).
BY_DUE: tuple[Any, ...] = (CaseStanding.next_due_at.asc().nulls_last(), Case.severity, Case.updated_at, Case.id)
BY_SEVERITY_AND_DUE: tuple[Any, ...] = (
    Case.severity,
    CaseStanding.next_due_at.asc().nulls_last(),
    Case.updated_at,
    Case.id,
)
ORDERS: Mapping[str, tuple[Any, ...]] = {"due": BY_DUE, "priority": BY_SEVERITY_AND_DUE}
