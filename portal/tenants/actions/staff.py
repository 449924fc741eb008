"""Writes about the provider's staff."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.identity import actions as identity
from portal.identity import queries
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.tenants.actions.accounts import set_account_manager
from portal.tenants.actions.sight import announce_sight
from portal.tenants.models import StaffAccount, StaffDepartment, StaffMember
from portal.tenants.queries.accounts import managed_accounts
from portal.tenants.queries.staff import staff_row


def add_staff(
    ctx: Context,
    person: User,
    *,
    role: str,
    tier: int = 1,
    all_accounts: bool = False,
    accounts: Iterable[Id] = (),
    departments: Iterable[Id] = (),
) -> StaffMember:
    """Give *person* a place at the provider; records `staff.added`. Raises Conflict if they have one, Refused where
    the actor may not give that role.

    Who configures looks after all accounts: nobody could mend what they cannot see.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if staff_row(ctx, person.id) is not None:
        raise Conflict(_("%(name)s already works here", name=person.name))
    _check_may_give(ctx, person.id, gains_sight=is_case_reading_role(role))
    former = ctx.session.scalars(
        select(StaffMember)
        .where(StaffMember.provider_id == ctx.provider_id, StaffMember.user_id == person.id)
        .options(selectinload(StaffMember.accounts), selectinload(StaffMember.departments))
    ).one_or_none()
    if former is not None:
        former.active = True
        change_staff(
            ctx, former, role=role, tier=tier, all_accounts=all_accounts, accounts=accounts, departments=departments
        )
        record(ctx, "staff.returned", former, user=str(person.id), role=[None, role])
        if is_case_reading_role(role):
            announce_sight(ctx, former, about="staff", name=person.name, roles=[role])
        return former
    member = StaffMember(
        provider_id=ctx.provider_id,
        user_id=person.id,
        role=StaffRole(role).value,
        tier=tier,
        all_accounts=all_accounts or is_configuring_role(role),
        created_at=ctx.now,
        accounts=[StaffAccount(provider_id=ctx.provider_id, account_id=a) for a in set(accounts)],
        departments=[StaffDepartment(provider_id=ctx.provider_id, department_id=d) for d in set(departments)],
    )
    ctx.session.add(member)
    ctx.session.flush()
    record(ctx, "staff.added", member, user=str(person.id), role=[None, role])
    if is_case_reading_role(role):
        announce_sight(ctx, member, about="staff", name=person.name, roles=[role])
    return member


def is_configuring_role(role: str) -> bool:
    """Whether *role* changes the provider's configuration."""
    return Permission.PROVIDER_CONFIGURE in ROLES[StaffRole(role)]


def is_case_reading_role(role: str) -> bool:
    """Whether *role* reads cases."""
    return Permission.CASE_READ in ROLES[StaffRole(role)]


def _check_may_give(ctx: Context, user_id: Id, *, gains_sight: bool) -> None:
    """Raise Refused where the actor may not change the role of *user_id*; *gains_sight*: they would see more cases.

    Nobody changes their own role, and only who sees cases lets others see them.
    """
    if ctx.actor.is_system:
        return
    if user_id == ctx.actor.user_id:
        raise Refused(_("You cannot change your own role. Ask another administrator."), "role")
    if gains_sight and not can(ctx.actor, Permission.CASE_READ):
        raise Refused(_("This would let somebody see cases. Only an administrator can do that."), "role")


def _check_administrator_remains(ctx: Context, member: StaffMember, name: str) -> None:
    """Raise Refused if *member* is the last administrator: cases that nobody else looks after would be out of sight,
    and nobody could give the role again."""
    if member.role != StaffRole.ADMIN or ctx.actor.is_system:
        return
    others = select(StaffMember.id).where(
        StaffMember.provider_id == ctx.provider_id,
        StaffMember.active,
        StaffMember.role == StaffRole.ADMIN.value,
        StaffMember.id != member.id,
    )
    if ctx.session.scalar(others.limit(1)) is None:
        raise Refused(
            _("%(name)s is the last administrator. Make somebody else administrator first.", name=name), "role"
        )


def add_staff_by_email(
    ctx: Context,
    *,
    name: str,
    email: str,
    role: str,
    tier: int,
    all_accounts: bool,
    accounts: Iterable[Id],
    departments: Iterable[Id],
    invite: bool = True,
) -> StaffMember:
    """Give the person with *email* a place at the provider, and mail an invitation if *invite* and they cannot sign in
    yet."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    person = identity.add_person(ctx, name=name, email=email)
    try:
        member = add_staff(
            ctx, person, role=role, tier=tier, all_accounts=all_accounts, accounts=accounts, departments=departments
        )
    except Conflict as conflict:
        raise Refused(conflict.message, "email") from None
    if invite and queries.password_of(ctx, person.id) is None:
        identity.invite(ctx, person)
    return member


def invite_staff(ctx: Context, member: StaffMember) -> None:
    """Mail *member* (user loaded) a new invitation; the older link dies. Raises Conflict for somebody who signs in."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if not member.active:
        raise Conflict(_("%(name)s no longer works here", name=member.user.name))
    identity.invite(ctx, member.user)


def withdraw_invitation(ctx: Context, member: StaffMember) -> None:
    """Make the invitation of *member* (user loaded) useless."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if member.user.invited_at is None or queries.password_of(ctx, member.user_id) is not None:
        raise Conflict(_("There is no open invitation for %(name)s", name=member.user.name))
    identity.withdraw_invitation(ctx, member.user)


def change_staff(
    ctx: Context,
    member: StaffMember,
    *,
    role: str,
    tier: int,
    all_accounts: bool,
    accounts: Iterable[Id],
    departments: Iterable[Id],
) -> None:
    """Change role, tier, accounts and departments; records `staff.changed`. Takes effect with the next request.

    Nobody changes their own role, so nobody raises it; the last administrator keeps theirs (Refused). Who sees no
    cases lets nobody see more of them. *member* has its lists loaded.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    before, accounts = member.role, set(accounts)
    gains_sight = _gains_sight(member, role, all_accounts, accounts)
    if role != before or member.user_id != ctx.actor.user_id:
        _check_may_give(ctx, member.user_id, gains_sight=gains_sight)
    if role != StaffRole.ADMIN:
        _check_administrator_remains(ctx, member, ctx.session.get_one(User, member.user_id).name)
    member.role, member.tier = StaffRole(role).value, tier
    member.all_accounts = all_accounts or is_configuring_role(role)
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
    record(ctx, "staff.changed", member, user=str(member.user_id), role=[before, role])
    if gains_sight:
        announce_sight(ctx, member, about="staff", name=ctx.session.get_one(User, member.user_id).name, roles=[role])


def _gains_sight(member: StaffMember, role: str, all_accounts: bool, accounts: set[Id]) -> bool:
    """Whether *member* would see cases with *role* and these accounts that they do not see now."""
    if not is_case_reading_role(role):
        return False
    if not is_case_reading_role(member.role):
        return True
    if member.all_accounts:
        return False
    return all_accounts or is_configuring_role(role) or bool(accounts - {row.account_id for row in member.accounts})


def end_staff(ctx: Context, member: StaffMember, person: User, *, hand_to: Id | None = None) -> None:
    """End a staff member's access with immediate effect; records `staff.ended` (facts: hand_to, the staff id of who
    takes over their open cases; what *hand_to* may not own is nobody's from then on). *hand_to* becomes the manager
    of their accounts, too; without one nobody does.

    Raises Conflict for somebody who does not work here any more. Refused for a *hand_to* who does not work here, and
    for the last administrator.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if member.user_id == ctx.actor.user_id:
        raise Refused(_("You cannot end your own access. Ask another administrator."))
    if hand_to is not None:
        found = select(StaffMember.id).where(StaffMember.id == hand_to, StaffMember.active, StaffMember.id != member.id)
        if ctx.session.scalar(found) is None:
            raise Refused(_("Choose a member of your team"), "hand_to")
    if not member.active:
        raise Conflict(_("%(name)s no longer works here", name=person.name))
    _check_administrator_remains(ctx, member, person.name)
    for account in managed_accounts(ctx, member.id):
        set_account_manager(ctx, account, hand_to)
    member.active = False
    identity.end_sessions(ctx, person)
    record(
        ctx,
        "staff.ended",
        member,
        user=str(member.user_id),
        role=[member.role, None],
        hand_to=str(hand_to or ""),
    )


def return_staff(ctx: Context, member: StaffMember) -> None:
    """Let a former staff member in again; records `staff.returned`. Refused where the actor may not give that role."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_may_give(ctx, member.user_id, gains_sight=is_case_reading_role(member.role))
    member.active = True
    record(ctx, "staff.returned", member, user=str(member.user_id), role=[None, member.role])
    if is_case_reading_role(member.role):
        announce_sight(
            ctx, member, about="staff", name=ctx.session.get_one(User, member.user_id).name, roles=[member.role]
        )
