"""Who sees people who registered themselves."""

from typing import Any

from sqlalchemy import Select, or_, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, ContactRole
from portal.kernel.actor import Actor
from portal.registrations.models import Registration


def visible_registrations(actor: Actor) -> "Select[Any]":
    """Whoever reads the administration: all. Whoever looks after the people of an organization: those of its domains.
    Everybody: their own."""
    rows = select(Registration).where(Registration.provider_id == actor.provider_id)
    if actor.is_system or (actor.is_staff and can(actor, Permission.PROVIDER_READ)):
        return rows
    looked_after = {
        row.organization_id for row in actor.access if Permission.ORGANIZATION_PEOPLE in ROLES[ContactRole(row.role)]
    }
    return rows.where(or_(Registration.organization_id.in_(looked_after), Registration.user_id == actor.user_id))


scopes.register_scope(Registration, visible_registrations)
