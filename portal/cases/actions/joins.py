"""It hits me too: somebody who sees a case becomes one of those whom it affects."""

import uuid

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.people import add_grant
from portal.cases.actions.transitions import check_not_redirected, touch
from portal.cases.models import Case
from portal.cases.queries.joins import affected_people
from portal.cases.rules import raised_by_joins
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import Event, record
from portal.kernel.system_context import as_system
from portal.tenants.queries.environments import active_environments


def belongs_already(ctx: Context, case: Case) -> bool:
    """Whether the actor is the contact, the reporter or one of the affected people of *case*."""
    present = {case.contact_user_id, *(grant.user_id for grant in affected_people(case))}
    if case.reported_side == "contact":
        present.add(case.reported_by_id)
    return ctx.actor.user_id in present


def may_join(ctx: Context, case: Case) -> bool:
    """Whether the actor may say that *case*, which they see, hits them too: somebody of its organization who is not one
    of its affected people yet, while it is not solved."""
    inside = ctx.actor.is_contact and case.organization_id in ctx.actor.memberships
    redirected = case.merged_into_id is not None or case.moved_to_id is not None
    return inside and case.unresolved and not redirected and not belongs_already(ctx, case)


def join(ctx: Context, case: Case, *, environment_id: uuid.UUID | None, impact: str) -> None:
    """Make the actor one of the affected people of *case*, in an environment of their own (None: they do not know);
    records `case.joined` (facts: user, environment, impact). The provider's rule may raise the severity.

    Whoever is one of them already is not added twice. Raises Conflict for a case that is solved, Refused for an
    environment that is not theirs, and Forbidden for anybody outside the organization.
    """
    require(ctx.actor, Permission.CASE_READ, case)
    check_not_redirected(case)
    if not ctx.actor.is_contact or case.organization_id not in ctx.actor.memberships:
        raise Forbidden(_("Only people of the organization can join this case."))
    if belongs_already(ctx, case):
        return
    if not case.unresolved:
        raise Conflict(_("This case is solved. If it still hits you, write in it or open a new one."))
    own = {row.id: row for row in active_environments(ctx, [case.account_id])}
    if environment_id is not None and environment_id not in own:
        raise Refused(_("Choose one of your environments"), "environment")
    grant = next((one for one in case.grants if one.user_id == ctx.actor.user_id), None)
    if grant is None:
        grant = add_grant(ctx, case, "affected", user_id=ctx.actor.user_id)
    grant.kind, grant.environment_id, grant.impact = "affected", environment_id, impact
    ctx.session.flush()
    ctx.session.expire(case, ["grants"])
    touch(ctx, case)
    named = own[environment_id].name if environment_id is not None else ""
    record(ctx, "case.joined", case, case=case, user=str(ctx.actor.user_id), environment=named, impact=impact)
    _raise_severity(ctx, case)


def _raise_severity(ctx: Context, case: Case) -> None:
    """Raise *case* one level where it hits as many people as the provider's rule says, once; records
    `case.severity_changed` (facts: severity from and to, joined: how many)."""
    joined, needed = len(affected_people(case)), ctx.provider.joins_raise_at
    if not needed or joined < needed:
        return
    with as_system(ctx) as inner:
        raised = select(Event.id).where(
            Event.case_id == case.id, Event.name == "case.severity_changed", Event.facts.has_key("joined")
        )
        if inner.session.scalar(raised.limit(1)) is not None:
            return
        kind = case.environment.kind if case.environment is not None else None
        severity = raised_by_joins(case.severity, ctx.provider.joins_raise_limit, kind)
        if severity == case.severity:
            return
        before, case.severity, case.severity_reason = case.severity, severity, "joined"
        touch(inner, case)
        record(inner, "case.severity_changed", case, case=case, severity=[before, severity], joined=joined)
