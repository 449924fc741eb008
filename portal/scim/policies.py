"""Who sees the access of identity providers."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.actor import Actor
from portal.scim.models import ScimClient, ScimGroup, ScimGroupMember, ScimGroupRole, ScimPerson


def visible_clients(actor: Actor) -> "Select[Any]":
    """Whoever reads the administration."""
    return _of_administration(actor, select(ScimClient).where(ScimClient.provider_id == actor.provider_id))


def visible_people(actor: Actor) -> "Select[Any]":
    """Whoever reads the administration."""
    return _of_administration(actor, select(ScimPerson).where(ScimPerson.provider_id == actor.provider_id))


def visible_groups(actor: Actor) -> "Select[Any]":
    """Whoever reads the administration."""
    return _of_administration(actor, select(ScimGroup).where(ScimGroup.provider_id == actor.provider_id))


def visible_members(actor: Actor) -> "Select[Any]":
    """Whoever reads the administration."""
    return _of_administration(actor, select(ScimGroupMember).where(ScimGroupMember.provider_id == actor.provider_id))


def visible_group_roles(actor: Actor) -> "Select[Any]":
    """Whoever reads the administration."""
    return _of_administration(actor, select(ScimGroupRole).where(ScimGroupRole.provider_id == actor.provider_id))


def _of_administration(actor: Actor, rows: "Select[Any]") -> "Select[Any]":
    reads = actor.is_system or (actor.is_staff and can(actor, Permission.PROVIDER_READ))
    return rows if reads else scopes.select_nothing(rows)


scopes.register_scope(ScimClient, visible_clients)
scopes.register_scope(ScimPerson, visible_people)
scopes.register_scope(ScimGroup, visible_groups)
scopes.register_scope(ScimGroupMember, visible_members)
scopes.register_scope(ScimGroupRole, visible_group_roles)
