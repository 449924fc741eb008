"""Who sees security events and the journal of access."""

from typing import Any

from sqlalchemy import Select, select

from portal.audit.models import StaffAccess
from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, ContactRole
from portal.cases.models import Case
from portal.kernel.actor import Actor, Id
from portal.kernel.security_events import SecurityEvent


def administered_organizations(actor: Actor) -> list[Id]:
    """The organizations of a contact who looks after the people there."""
    held = {
        row.organization_id for row in actor.access if Permission.ORGANIZATION_PEOPLE in ROLES[ContactRole(row.role)]
    }
    return sorted(held)


def visible_security_events(actor: Actor) -> "Select[Any]":
    """Staff: of the own provider, for who may see them. An administrator of an organization: those that concern this
    organization alone. They name people and addresses, never a case."""
    rows = select(SecurityEvent).where(SecurityEvent.provider_id == actor.provider_id)
    if actor.is_contact:
        return rows.where(SecurityEvent.organization_id.in_(administered_organizations(actor)))
    allowed = actor.is_system or (actor.is_staff and can(actor, Permission.SECURITY_SEE))
    return rows if allowed else scopes.select_nothing(rows)


def visible_staff_access(actor: Actor) -> "Select[Any]":
    """The journal about cases that the actor sees: for administrators of an organization, and for staff who may see
    security events. A case that excludes them leaves no trace here either."""
    rows = select(StaffAccess).where(StaffAccess.provider_id == actor.provider_id)
    seen = scopes.scope(actor, Case).with_only_columns(Case.id)
    if actor.is_system:
        return rows
    if actor.is_contact:
        rows = rows.where(StaffAccess.organization_id.in_(administered_organizations(actor)))
        return rows.where(StaffAccess.case_id.in_(seen))
    if actor.is_staff and can(actor, Permission.SECURITY_SEE):
        return rows.where(StaffAccess.case_id.in_(seen))
    return scopes.select_nothing(rows)


scopes.register_scope(SecurityEvent, visible_security_events)
scopes.register_scope(StaffAccess, visible_staff_access)
