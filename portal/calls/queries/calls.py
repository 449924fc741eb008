"""Reads of logged calls. Every read starts at a scope."""

from typing import Any

from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.calls.models import Call
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.tenants.models import StaffMember

SIZE = 25


def earlier_call(ctx: Context, idempotency_key: str | None) -> Call | None:
    """The call that the same form of the same person logged already."""
    if not idempotency_key:
        return None
    rows = scope(ctx.actor, Call).where(Call.staff_id == ctx.actor.staff_id, Call.idempotency_key == idempotency_key)
    return ctx.session.scalars(rows).one_or_none()


def call_log(ctx: Context, number: int, *, own: bool = False, direction: str = "") -> Page[Call]:
    """Logged calls about visible cases, the newest first; only the actor's own, or of one direction."""
    rows: Any = scope(ctx.actor, Call)
    if own:
        rows = rows.where(Call.staff_id == ctx.actor.staff_id)
    if direction:
        rows = rows.where(Call.direction == direction)
    rows = rows.options(
        joinedload(Call.case, innerjoin=True).joinedload(Case.account, innerjoin=True),
        joinedload(Call.user, innerjoin=True),
        joinedload(Call.staff, innerjoin=True).joinedload(StaffMember.user, innerjoin=True),
    )
    return fetch_page_of(ctx.session, rows.order_by(Call.id.desc()), number, SIZE)
