"""The provider's own people."""

from collections.abc import Iterable

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import StaffRole
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.tenants.models import StaffAccount, StaffDepartment, StaffMember
from portal.tenants.queries.actors import staff_row


def add_staff(
    ctx: Context, person: User, *, role: str, tier: int = 1, all_accounts: bool = False,
    accounts: Iterable[Id] = (), departments: Iterable[Id] = (),
) -> StaffMember:
    """Give *person* a place at the provider; records `staff.added`. Raises Conflict if they have one."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if staff_row(ctx, person.id) is not None:
        raise Conflict(_("%(name)s already works here", name=person.name))
    member = StaffMember(
        provider_id=ctx.provider_id, user_id=person.id, role=StaffRole(role).value, tier=tier,
        all_accounts=all_accounts, created_at=ctx.now,
        accounts=[StaffAccount(provider_id=ctx.provider_id, account_id=a) for a in set(accounts)],
        departments=[StaffDepartment(provider_id=ctx.provider_id, department_id=d) for d in set(departments)],
    )
    ctx.session.add(member)
    ctx.session.flush()
    record(ctx, "staff.added", member, role=role)
    return member


def change_staff(
    ctx: Context, member: StaffMember, *, role: str, tier: int, all_accounts: bool,
    accounts: Iterable[Id], departments: Iterable[Id],
) -> None:
    """Change role, tier, accounts and departments; records `staff.changed`. Takes effect with the next request.

    Nobody takes their own administrator role away, so that one remains. *member* has its lists loaded.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if member.user_id == ctx.actor.user_id and member.role == StaffRole.ADMIN and role != StaffRole.ADMIN:
        raise Refused(_("You cannot take the administrator role from yourself. Ask another administrator."), "role")
    before = member.role
    member.role, member.tier, member.all_accounts = StaffRole(role).value, tier, all_accounts
    wanted_accounts, wanted_departments = set(accounts), set(departments)
    member.accounts = [row for row in member.accounts if row.account_id in wanted_accounts] + [
        StaffAccount(provider_id=ctx.provider_id, account_id=a)
        for a in wanted_accounts - {row.account_id for row in member.accounts}
    ]
    member.departments = [row for row in member.departments if row.department_id in wanted_departments] + [
        StaffDepartment(provider_id=ctx.provider_id, department_id=d)
        for d in wanted_departments - {row.department_id for row in member.departments}
    ]
    member.version += 1
    record(ctx, "staff.changed", member, role=[before, role])


def end_staff(ctx: Context, member: StaffMember, person: User) -> None:
    """End a staff member's access, dead at once; records `staff.ended`. Their cases keep them as owner until reassigned."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if member.user_id == ctx.actor.user_id:
        raise Refused(_("You cannot end your own access. Ask another administrator."))
    member.active = False
    identity.end_sessions(ctx, person)
    record(ctx, "staff.ended", member)


def return_staff(ctx: Context, member: StaffMember) -> None:
    """Let a former staff member in again; records `staff.returned`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    member.active = True
    record(ctx, "staff.returned", member)
