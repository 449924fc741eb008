"""Assign a policy and a calendar to everybody, an organization or an account."""

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.sla.actions.runs import start_recompute
from portal.sla.models import Assignment, Run, SlaCalendar, SlaPolicy
from portal.tenants.models import Account, Organization


def assign(
    ctx: Context,
    *,
    policy: SlaPolicy | None,
    calendar: SlaCalendar | None = None,
    organization: Organization | None = None,
    account: Account | None = None,
) -> Run | None:
    """Agree a policy, a calendar that overrides the policy's, or both, with everybody (no place given), with an
    *organization*, or with one *account*; with neither policy nor calendar, the agreement is removed and the broader
    one applies again.

    Records `promise.assigned` (facts: policy and calendar as [old, new] names). Open cases of the place are
    recomputed by the run that is returned; None if nothing changed.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    organization_id = account.organization_id if account is not None else organization.id if organization else None
    account_id = account.id if account is not None else None
    for chosen, field in ((policy, "policy"), (calendar, "calendar")):
        if chosen is not None and chosen.archived:
            raise Refused(_("%(name)s is archived. Choose another one", name=chosen.name), field)
    row = ctx.session.scalars(
        select(Assignment)
        .where(
            Assignment.provider_id == ctx.provider_id,
            Assignment.organization_id.is_not_distinct_from(organization_id),
            Assignment.account_id.is_not_distinct_from(account_id),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    wanted = (policy.id if policy else None, calendar.id if calendar else None)
    before = (row.policy_id, row.calendar_id) if row is not None else (None, None)
    if wanted == before:
        return None
    if row is None:
        row = Assignment(
            provider_id=ctx.provider_id,
            organization_id=organization_id,
            account_id=account_id,
            policy_id=wanted[0],
            calendar_id=wanted[1],
            made_at=ctx.now,
            made_by_id=ctx.actor.user_id,
        )
        ctx.session.add(row)
    elif wanted == (None, None):
        ctx.session.delete(row)
    else:
        row.policy_id, row.calendar_id, row.made_at, row.made_by_id = *wanted, ctx.now, ctx.actor.user_id
    ctx.session.flush()
    place = account or organization or ctx.provider
    record(
        ctx,
        "promise.assigned",
        place,
        policy=[str(before[0] or ""), str(wanted[0] or "")],
        calendar=[str(before[1] or ""), str(wanted[1] or "")],
    )
    about = {"account": str(account_id)} if account_id else {}
    if not about and organization_id:
        about = {"organization": str(organization_id)}
    return start_recompute(ctx, about)
