"""What a person put aside."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, Uuid, bindparam

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.statement_cache import fetch_rows
from portal.kernel.system_context import as_system
from portal.sla.queries.assignments import support_calendar
from portal.sla.queries.interface import Calendar
from portal.snoozes.models import CaseSnooze

# A case that woke is marked in lists for so long.
MARKED = dt.timedelta(days=1)


def own_snooze(ctx: Context, case: Case) -> Any | None:
    """The actor's snooze of *case* that has not ended, as a row of columns; None for none."""
    rows = fetch_rows(ctx, _sleeping, case_id=case.id)
    return rows[0] if rows else None


def _sleeping(actor: Actor) -> "Select[Any]":
    this = bindparam("case_id", None, Uuid())
    rows = scope(actor, CaseSnooze).where(CaseSnooze.case_id == this, CaseSnooze.woken_at.is_(None))
    return rows.with_only_columns(*table_of(CaseSnooze).columns)


def woken_cases(ctx: Context, case_ids: Sequence[Id]) -> Mapping[Id, str]:
    """Why cases of *case_ids* woke lately for the actor, by case. One statement."""
    rows = scope(ctx.actor, CaseSnooze).where(CaseSnooze.case_id.in_(case_ids), CaseSnooze.woken_at > ctx.now - MARKED)
    found = ctx.session.execute(rows.with_only_columns(CaseSnooze.case_id, CaseSnooze.why))
    return {row.case_id: row.why for row in found}


def support_hours(ctx: Context, case: Case) -> Calendar | None:
    """The calendar by which the provider serves the account of *case*; None where none was agreed."""
    with as_system(ctx) as inner:
        return support_calendar(inner, case.organization_id, case.account_id)
