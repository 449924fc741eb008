"""Who reports to whom in an organization."""

from flask_babel import gettext as _
from sqlalchemy import select

from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, Refused
from portal.kernel.events import record
from portal.tenants.actions.contacts import require_reach
from portal.tenants.actions.sight import announce_sight
from portal.tenants.models import Contact, Organization
from portal.tenants.preconditions import check_manager_not_oneself, configures_blindly
from portal.tenants.queries.reporting_lines import MOST_LEVELS, places_above, places_below


def set_manager(ctx: Context, contact: Contact, manager_id: Id | None) -> None:
    """Let *contact* report to the person with the place *manager_id* (None: to nobody); records
    `contact.manager_set` (fact `name`: of the manager, or '') if that is a change. Effective with the next request
    of the manager.

    Needs ORGANIZATION_PEOPLE in every account of the person, or PROVIDER_CONFIGURE on the desk. Raises Forbidden for
    oneself on the portal, and Refused (manager) for somebody who is no active member, who would close a loop, or whose
    line would be too long.
    """
    require_reach(ctx, contact)
    if ctx.actor.is_contact and contact.user_id == ctx.actor.user_id:
        raise Forbidden(_("You cannot change to whom you report. Ask another administrator or support."))
    lock_lines(ctx, contact.organization_id)
    ctx.session.refresh(contact, ["reports_to_id"])
    if manager_id == contact.reports_to_id:
        return
    manager = _find_manager(ctx, contact, manager_id) if manager_id is not None else None
    contact.reports_to_id = manager.id if manager else None
    ctx.session.flush()
    name = ctx.session.get_one(User, manager.user_id).name if manager else ""
    record(ctx, "contact.manager_set", contact, user=str(contact.user_id), name=name)
    organization = ctx.session.get_one(Organization, contact.organization_id)
    if manager and organization.managers_see and configures_blindly(ctx):
        announce_sight(ctx, manager, about="manager", name=name, organization=organization.name)


def lock_lines(ctx: Context, organization_id: Id) -> None:
    """Wait until nobody else changes a line of the organization: two changes that are both right could close a loop
    together. Before any lock on a person of it, or two changes could wait for one another."""
    ctx.session.execute(
        select(Organization.id).where(Organization.id == organization_id).with_for_update(key_share=True)
    )


def _find_manager(ctx: Context, contact: Contact, manager_id: Id) -> Contact:
    """The place *manager_id*, checked as the manager of *contact*."""
    manager = ctx.session.scalars(
        select(Contact).where(
            Contact.organization_id == contact.organization_id, Contact.id == manager_id, Contact.active
        )
    ).one_or_none()
    if manager is None:
        raise Refused(_("Choose a person of this organization"), "manager")
    check_manager_not_oneself(ctx, manager.user_id)
    above = places_above(ctx, manager.id)
    if contact.id == manager.id or contact.id in above:
        raise Refused(_("This person reports to the one whom you change. Choose somebody else."), "manager")
    height = max((level for _place, level in places_below(ctx, contact.id)), default=0)
    if len(above) + 1 + height > MOST_LEVELS:
        raise Refused(
            _("The line would have more than %(n)d levels. Choose somebody higher up.", n=MOST_LEVELS), "manager"
        )
    return manager
