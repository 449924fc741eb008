"""Building an actor: the one place that turns a person into what they may reach."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.identity.models import User
from portal.kernel.actor import Access, Actor, Id, Membership, Side
from portal.kernel.context import Context
from portal.tenants.models import (
    Contact,
    ContactAccess,
    Organization,
    StaffAccount,
    StaffDepartment,
    StaffMember,
)
from portal.tenants.queries import live_sessions
from portal.tenants.queries.staff import staff_row


def has_desk(ctx: Context, person: User) -> bool:
    """Whether this person works at the provider; known already of whoever sent the request."""
    entry = live_sessions.session_of(ctx, person.id)
    if entry is not None:
        return entry.desk is not None
    return staff_row(ctx, person.id) is not None


def has_portal(ctx: Context, person: User) -> bool:
    """Whether this person is an active contact of any organization."""
    statement = select(Contact.id).where(
        Contact.provider_id == ctx.provider_id, Contact.user_id == person.id, Contact.active
    )
    return ctx.session.scalar(statement.limit(1)) is not None


def build_actor(ctx: Context, person: User, side: Side) -> Actor:
    """*person* acting on *side*. Without a place there: an actor of nobody's side on the desk, a bare one on the
    portal.

    A bare portal actor holds no role, but may have been let into single cases (people in copy).
    The session must be bound as the system while this reads.
    """
    entry = live_sessions.session_of(ctx, person.id)
    if entry is not None:
        return entry.actor(ctx.provider_id, side) or placeless_actor(ctx, person)
    if side is Side.STAFF:
        return _staff(ctx, person)
    return contact_actors(ctx, [person])[person.id]


def _staff(ctx: Context, person: User) -> Actor:
    return staff_actors(ctx, [person]).get(person.id) or placeless_actor(ctx, person)


def placeless_actor(ctx: Context, person: User) -> Actor:
    """Somebody who has no place on the side they asked for."""
    return Actor(Side.NOBODY, ctx.provider_id, person.id, person.name)


def contact_actors(ctx: Context, people: Iterable[User]) -> dict[Id, Actor]:
    """Portal actors for *people* in one statement; somebody without an active place gets a bare actor."""
    persons = {person.id: person for person in people}
    rows = ctx.session.execute(
        select(
            Contact.user_id,
            Contact.id,
            Organization.id,
            Organization.slug,
            Organization.name,
            Organization.admins_see_private,
            Organization.requesters_see_shared,
            ContactAccess.account_id,
            ContactAccess.environment_id,
            ContactAccess.role,
        )
        .join(Organization, Organization.id == Contact.organization_id)
        .outerjoin(ContactAccess, ContactAccess.contact_id == Contact.id)
        .where(
            Contact.provider_id == ctx.provider_id,
            Contact.user_id.in_(list(persons)),
            Contact.active,
            Organization.active,
        )
    )
    memberships: dict[Id, dict[Id, Membership]] = {user_id: {} for user_id in persons}
    access: dict[Id, list[Access]] = {user_id: [] for user_id in persons}
    for user_id, contact_id, org_id, slug, name, private, shared, account_id, environment_id, role in rows:
        memberships[user_id][org_id] = Membership(contact_id, org_id, slug, name, private, shared)
        if account_id is not None:
            access[user_id].append(Access(org_id, account_id, environment_id, role))
    return {
        user_id: Actor(
            Side.CONTACT,
            ctx.provider_id,
            user_id,
            persons[user_id].name,
            memberships=memberships[user_id],
            access=tuple(access[user_id]),
        )
        for user_id in persons
    }


def staff_actors(ctx: Context, people: Iterable[User]) -> dict[Id, Actor]:
    """Desk actors for *people*, three statements for any number; those without an active place are left out."""
    persons = {person.id: person for person in people}
    rows = ctx.session.scalars(
        select(StaffMember).where(
            StaffMember.provider_id == ctx.provider_id, StaffMember.user_id.in_(list(persons)), StaffMember.active
        )
    ).all()
    bounded = [row.id for row in rows if not row.all_accounts]
    accounts: dict[Id, set[Id]] = {}
    departments: dict[Id, set[Id]] = {}
    if bounded:
        for staff_id, account_id in ctx.session.execute(
            select(StaffAccount.staff_id, StaffAccount.account_id).where(StaffAccount.staff_id.in_(bounded))
        ):
            accounts.setdefault(staff_id, set()).add(account_id)
    if rows:
        for staff_id, department_id in ctx.session.execute(
            select(StaffDepartment.staff_id, StaffDepartment.department_id).where(
                StaffDepartment.staff_id.in_([row.id for row in rows])
            )
        ):
            departments.setdefault(staff_id, set()).add(department_id)
    return {
        row.user_id: Actor(
            Side.STAFF,
            ctx.provider_id,
            row.user_id,
            persons[row.user_id].name,
            staff_id=row.id,
            role=row.role,
            tier=row.tier,
            all_accounts=row.all_accounts,
            account_ids=frozenset(accounts.get(row.id, ())),
            department_ids=frozenset(departments.get(row.id, ())),
        )
        for row in rows
    }
