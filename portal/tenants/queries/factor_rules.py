"""Which rule asks a person for a second factor: of their role at the provider, or of an organization of theirs."""

import datetime as dt

from sqlalchemy import select

from portal.authz.roles import StaffRole
from portal.identity.factor_rules import FactorRule
from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.tenants.models import Contact, Organization, Provider
from portal.tenants.queries.staff import staff_row


def find_factor_rule(ctx: Context, user: User) -> FactorRule | None:
    """The rule for *user*: of several the one whose grace ends first; None where they need no second factor.

    It is read as the system: between proof and session *user* has no place on any side.
    """
    with as_system(ctx) as system:
        asking = _asking(system, user)
        member = staff_row(system, user.id) if ctx.provider.factor_roles else None
    rules = [FactorRule(until, row.name) for row in asking if (until := organization_rule_ends(row))]
    if ctx.provider.factor_roles:
        until = role_rule_ends(ctx.provider, member.role) if member is not None else None
        rules += [FactorRule(until)] if until is not None else []
    return min(rules, key=lambda rule: rule.until, default=None)


def role_rule_ends(provider: Provider, role: str) -> dt.datetime | None:
    """Until when people with *role* may put off a second factor; None where the role needs none."""
    since = provider.factor_roles.get(StaffRole(role).value)
    return dt.datetime.fromisoformat(since) + dt.timedelta(days=provider.factor_grace_days) if since else None


def organization_rule_ends(organization: Organization) -> dt.datetime | None:
    """Until when people of *organization* may put off a second factor; None where it asks for none."""
    since = organization.factor_required_at
    return since + dt.timedelta(days=organization.factor_grace_days) if since is not None else None


def _asking(ctx: Context, user: User) -> list[Organization]:
    """The organizations of *user* that ask their people for a second factor."""
    statement = (
        select(Organization)
        .join(Contact, Contact.organization_id == Organization.id)
        .where(Contact.provider_id == ctx.provider_id, Contact.user_id == user.id, Contact.active)
        .where(Organization.active, Organization.factor_required_at.is_not(None))
    )
    return list(ctx.session.scalars(statement))
