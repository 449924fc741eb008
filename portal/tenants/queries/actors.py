"""Building actors. Only this module turns a person into an actor with access."""

import uuid
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Row, Select, Uuid, any_, bindparam, func, select

from portal.identity.models import User
from portal.kernel.actor import Access, Actor, Id, Membership, Side
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.tenants.models import (
    Account,
    Contact,
    ContactAccess,
    Organization,
    StaffAccount,
    StaffDepartment,
    StaffMember,
)
from portal.tenants.queries import live_sessions
from portal.tenants.queries.reporting_lines import reports_seen
from portal.tenants.queries.staff import staff_row

# A user, or a row with their `id` and `name`.
Person = User | Row[Any, Any]


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


def organization_names(ctx: Context, person: User) -> Sequence[str]:
    """The names of the organizations where *person* has a place, in their order. The caller acts for them."""
    statement = (
        select(Organization.name)
        .join(Contact, Contact.organization_id == Organization.id)
        .where(Contact.provider_id == ctx.provider_id, Contact.user_id == person.id)
        .where(Contact.active, Organization.active)
    )
    with as_system(ctx) as inner:
        return inner.session.scalars(statement.order_by(Organization.name)).all()


def build_actor(ctx: Context, person: User, side: Side) -> Actor:
    """*person* acting on *side*. Without a place there: an actor of nobody's side on the desk, a bare one on the
    portal.

    A bare portal actor holds no role, but may have been let into single cases (people in copy).
    The session must be bound as the system while this reads.
    """
    entry = live_sessions.session_of(ctx, person.id)
    if entry is not None:
        return _actor_of_session(ctx, entry, side) or placeless_actor(ctx, person)
    if side is Side.STAFF:
        return staff_actors(ctx, [person]).get(person.id) or placeless_actor(ctx, person)
    return contact_actors(ctx, [person])[person.id]


def _actor_of_session(ctx: Context, entry: live_sessions.LiveSession, side: Side) -> Actor | None:
    """The person of *entry* on *side*; None on the desk for somebody who does not work there."""
    if side is Side.STAFF:
        if entry.desk is None:
            return None
        return _staff_actor(
            ctx,
            entry.person,
            staff_id=uuid.UUID(entry.desk["id"]),
            role=entry.desk["role"],
            tier=entry.desk["tier"],
            all_accounts=entry.desk["all"],
            account_ids=frozenset(map(uuid.UUID, entry.desk["accounts"] or ())),
            department_ids=frozenset(map(uuid.UUID, entry.desk["departments"] or ())),
        )
    memberships, access = [], []
    for contact_id, organization_id, slug, name, accounts, private, shared, rows, reports in entry.places:
        home, every = uuid.UUID(organization_id), frozenset(map(uuid.UUID, accounts or ()))
        line = frozenset(map(uuid.UUID, reports or ()))
        memberships.append(Membership(uuid.UUID(contact_id), home, slug, name, every, private, shared, line))
        access += [Access(home, uuid.UUID(a), uuid.UUID(e) if e else None, role) for a, e, role in rows or ()]
    return _contact_actor(ctx, entry.person, memberships, access)


def _contact_actor(ctx: Context, person: Person, memberships: Iterable[Membership], access: Iterable[Access]) -> Actor:
    return Actor(
        Side.CONTACT,
        ctx.provider_id,
        person.id,
        person.name,
        memberships={membership.organization_id: membership for membership in memberships},
        access=tuple(access),
    )


def _staff_actor(ctx: Context, person: Person, **place: Any) -> Actor:
    return Actor(Side.STAFF, ctx.provider_id, person.id, person.name, **place)


def placeless_actor(ctx: Context, person: User) -> Actor:
    """An actor for a person without a place on the requested side."""
    return Actor(Side.NOBODY, ctx.provider_id, person.id, person.name)


@cache
def _select_places() -> "Select[Any]":
    """Built once: each mail, each notification and the first page of each sign-in ask for it."""
    return (
        select(
            Contact.user_id,
            Contact.id,
            Organization.id,
            Organization.slug,
            Organization.name,
            func.array(select(Account.id).where(Account.organization_id == Organization.id).scalar_subquery()),
            Organization.admins_see_private,
            Organization.requesters_see_shared,
            ContactAccess.account_id,
            ContactAccess.environment_id,
            ContactAccess.role,
            reports_seen(),
        )
        .join(Organization, Organization.id == Contact.organization_id)
        .outerjoin(ContactAccess, ContactAccess.contact_id == Contact.id)
        .where(
            Contact.provider_id == bindparam("provider_id"),
            Contact.user_id == any_(bindparam("people", type_=ARRAY(Uuid()))),
            Contact.active,
            Organization.active,
        )
    )


def contact_actors(ctx: Context, people: Iterable[Person]) -> dict[Id, Actor]:
    """Portal actors for *people* in one statement; somebody without an active place gets a bare actor."""
    persons = {person.id: person for person in people}
    rows = ctx.session.execute(_select_places(), {"provider_id": ctx.provider_id, "people": list(persons)})
    memberships: dict[Id, dict[Id, Membership]] = {user_id: {} for user_id in persons}
    access: dict[Id, list[Access]] = {user_id: [] for user_id in persons}
    for user_id, contact_id, org_id, slug, name, accounts, private, shared, *row, reports in rows:
        if org_id not in memberships[user_id]:
            memberships[user_id][org_id] = Membership(
                contact_id, org_id, slug, name, frozenset(accounts), private, shared, frozenset(reports or ())
            )
        account_id, environment_id, role = row
        if account_id is not None:
            access[user_id].append(Access(org_id, account_id, environment_id, role))
    return {
        user_id: _contact_actor(ctx, person, memberships[user_id].values(), access[user_id])
        for user_id, person in persons.items()
    }


def staff_actors(ctx: Context, people: Iterable[Person]) -> dict[Id, Actor]:
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
        row.user_id: _staff_actor(
            ctx,
            persons[row.user_id],
            staff_id=row.id,
            role=row.role,
            tier=row.tier,
            all_accounts=row.all_accounts,
            account_ids=frozenset(accounts.get(row.id, ())),
            department_ids=frozenset(departments.get(row.id, ())),
        )
        for row in rows
    }
