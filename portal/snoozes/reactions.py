"""What wakes snoozed cases before their time."""

from sqlalchemy import select

from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.snoozes.actions import forget_snoozes, wake_people
from portal.tenants.models import StaffMember


def wake_for_customer(ctx: Context, event: Event) -> None:
    """React to what customers say (`case.replied`, `case.rejected`, `case.reopened`): everybody's snooze ends."""
    case = ctx.session.get(Case, event.case_id)
    if case is not None and ctx.actor.is_contact:
        wake_people(ctx, case, "replied")


def wake_for_owner(ctx: Context, event: Event) -> None:
    """React to `case.assigned`: the snooze of the new owner ends, unless they took the case themselves."""
    case, owner_id = ctx.session.get(Case, event.case_id), parse_id((event.facts.get("owner") or ["", ""])[1])
    if case is None or owner_id is None:
        return
    user_id = ctx.session.scalar(select(StaffMember.user_id).where(StaffMember.id == owner_id))
    if user_id is not None and user_id != ctx.actor.user_id:
        wake_people(ctx, case, "assigned", user_id)


def forget(ctx: Context, event: Event) -> None:
    """React to the end of a case."""
    case = ctx.session.get(Case, event.case_id)
    if case is not None:
        forget_snoozes(ctx, case)
