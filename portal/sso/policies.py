"""Who may see ways to sign in, domains, and linked sign-ins."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, ContactRole
from portal.kernel.actor import Actor
from portal.sso.models import LinkedSignIn, OrganizationDomain, SignInWay


def _of_organizations(actor: Actor, model: type[SignInWay] | type[OrganizationDomain]) -> "Select[Any]":
    """Staff who read the configuration: all. Whoever sets the rules of an organization: its own."""
    rows = select(model).where(model.provider_id == actor.provider_id)
    if actor.is_system or (actor.is_staff and can(actor, Permission.PROVIDER_READ)):
        return rows
    ruled = {
        row.organization_id for row in actor.access if Permission.ORGANIZATION_RULES in ROLES[ContactRole(row.role)]
    }
    return rows.where(model.organization_id.in_(ruled)) if ruled else scopes.select_nothing(rows)


def visible_ways(actor: Actor) -> "Select[Any]":
    return _of_organizations(actor, SignInWay)


def visible_domains(actor: Actor) -> "Select[Any]":
    return _of_organizations(actor, OrganizationDomain)


def visible_sign_ins(actor: Actor) -> "Select[Any]":
    """One's own; of everybody for the system and for those who connect identity providers."""
    rows = select(LinkedSignIn).where(LinkedSignIn.provider_id == actor.provider_id)
    if actor.is_system or (actor.is_staff and can(actor, Permission.PROVIDER_CONNECT)):
        return rows
    return rows.where(LinkedSignIn.user_id == actor.user_id)


scopes.register_scope(SignInWay, visible_ways)
scopes.register_scope(OrganizationDomain, visible_domains)
scopes.register_scope(LinkedSignIn, visible_sign_ins)
