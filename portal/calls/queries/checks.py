"""Reads of call checks. Every read starts at a scope."""

import uuid
from typing import Any

from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.calls.models import CallCheck, CheckedRequestType
from portal.calls.rules import CheckState
from portal.cases.models import Case
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.kernel.tokens import derive_code
from portal.tenants.models import StaffMember


def latest_check(ctx: Context, case: Case, *, lock: bool = False) -> CallCheck | None:
    """The last check of *case* that the actor may see."""
    rows = scope(ctx.actor, CallCheck).where(CallCheck.case_id == case.id).order_by(CallCheck.id.desc()).limit(1)
    if lock:
        rows = rows.with_for_update(of=CallCheck).execution_options(populate_existing=True)
    rows = rows.options(
        joinedload(CallCheck.user, innerjoin=True),
        joinedload(CallCheck.staff, innerjoin=True).joinedload(StaffMember.user, innerjoin=True),
    )
    return ctx.session.scalars(rows).one_or_none()


def is_settled(ctx: Context, case: Case) -> bool:
    """Whether a check was passed, or a lead said why none is needed, since *case* was closed last."""
    rows = scope(ctx.actor, CallCheck).where(
        CallCheck.case_id == case.id,
        CallCheck.cycle == case.cycle,
        CallCheck.state.in_((CheckState.PASSED, CheckState.SKIPPED)),
    )
    return ctx.session.scalars(rows.with_only_columns(CallCheck.id).limit(1)).first() is not None


def code_of_contact(check: CallCheck) -> str:
    """The code that the contact reads out."""
    return derive_code(check.id)


def code_of_staff(check: CallCheck) -> str:
    """The counter-code, which staff read out."""
    return derive_code(check.counter_id)


def checked_types(ctx: Context) -> set[uuid.UUID]:
    """The request types whose cases need a check; no statement while nothing changed."""
    return {row[0] for row in cached_config(ctx, for_everybody, _read_checked_types)}


def _read_checked_types(ctx: Context) -> tuple[Any, ...]:
    rows = scope(ctx.actor, CheckedRequestType).with_only_columns(CheckedRequestType.request_type_id)
    return tuple(tuple(row) for row in ctx.session.execute(rows.limit(500)))
