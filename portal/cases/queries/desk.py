"""What the desk's pages read beside the case itself. Every read starts at a scope."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, func, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseExclusion, RequestType
from portal.cases.queries.listed import Listed, listed, page_of
from portal.cases.queries.lists import COUNT_LIMIT, NEWEST
from portal.cases.queries.one import split_key
from portal.cases.states import State
from portal.identity.models import Address, User
from portal.kernel.actor import Id, Side
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, tenancy_of
from portal.kernel.events import Event
from portal.kernel.ids import parse
from portal.kernel.paging import Page
from portal.kernel.readied import read
from portal.kernel.remembered import remembered
from portal.tenants.models import Account, Contact, ContactAccess, Department, Environment, StaffMember
from portal.tenants.queries import actors

ENDED = (State.RESOLVED.value, State.CLOSED.value)
HISTORY_LIMIT = 100


def owners(ctx: Context, limit: int = 500) -> list[tuple[str, str]]:
    """(id, name) of the active staff who answer cases, by name: whom a list can be filtered by."""
    roles = [role.value for role in StaffRole if Permission.CASE_ANSWER in ROLES[role]]

    def read() -> list[tuple[str, str]]:
        rows = ctx.session.execute(
            scope(ctx.actor, StaffMember)
            .join(User, User.id == StaffMember.user_id)
            .where(StaffMember.active, StaffMember.role.in_(roles))
            .order_by(User.name_folded)
            .limit(limit)
            .with_only_columns(StaffMember.id, User.name)
        )
        return [(str(staff_id), name) for staff_id, name in rows]

    return list(remembered(ctx, ("owners", ctx.actor.side, limit), read))


def by_keys(ctx: Context, keys: Iterable[str]) -> Sequence[Listed]:
    """The visible cases with these keys, in the order of keys; what is foreign or missing is simply not there."""
    wanted = [parts for key in keys if (parts := split_key(key)) is not None]
    if not wanted:
        return []
    rows = (
        scope(ctx.actor, Case)
        .join(Account, Account.id == Case.account_id)
        .where(tuple_(Account.key, Case.number).in_(wanted))
    )
    found = listed(ctx, lambda: rows, (Case.account_id, Case.number), len(wanted))
    return sorted(found, key=lambda case: (case.account.key, case.number))


def reach_of(ctx: Context, user_id: Id) -> tuple[str, int]:
    """The address that mail to a person goes to, or '', and how many unresolved cases of theirs the actor may see,
    counted up to COUNT_LIMIT. One statement."""

    def theirs() -> "Select[Any]":
        person = bindparam("user_id", None, Uuid())
        email = select(Address.email).where(Address.user_id == person).order_by(Address.id).limit(1).scalar_subquery()
        open_ones = scope(ctx.actor, Case).where(Case.contact_user_id == person, Case.state.not_in(ENDED))
        return select(email, select(func.count()).select_from(_first(open_ones)).scalar_subquery())

    email, waiting = tuple(read(ctx, "cases.reach_of", theirs, user_id=user_id)[0])
    return email or "", waiting


def open_counts(ctx: Context, account_ids: Sequence[Id]) -> dict[Id, int]:
    """How many unresolved cases each account has, counted up to COUNT_LIMIT each. One statement."""
    if not account_ids:
        return {}
    rows = scope(ctx.actor, Case).where(Case.account_id == Account.id, Case.state.not_in(ENDED)).correlate(Account)
    count = select(func.count()).select_from(_first(rows)).correlate(Account).scalar_subquery()
    listed = scope(ctx.actor, Account).where(Account.id.in_(account_ids)).with_only_columns(Account.id, count)
    return {row[0]: row[1] for row in ctx.session.execute(listed)}


def _first(rows: Any) -> Any:
    return rows.with_only_columns(literal(1).label("one")).limit(COUNT_LIMIT).subquery()


def cases_of_person(ctx: Context, user_id: Id, number: int = 1) -> Page[Listed]:
    """Cases that a person reported or is the contact of, the newest update first."""
    rows = scope(ctx.actor, Case).where(or_(Case.contact_user_id == user_id, Case.reported_by_id == user_id))
    return page_of(ctx, lambda: rows, NEWEST, number, 20)


def contact(ctx: Context, contact_id: uuid.UUID) -> Contact:
    """One visible contact with organization and access rows; NotFound otherwise."""
    return load(
        ctx,
        Contact,
        Contact.id == contact_id,
        options=[
            joinedload(Contact.user, innerjoin=True),
            joinedload(Contact.organization, innerjoin=True),
            selectinload(Contact.access).joinedload(ContactAccess.account, innerjoin=True),
            selectinload(Contact.access).joinedload(ContactAccess.environment),
        ],
    )


# -- the change log -------------------------------------------------------------------------------------------------


def history(ctx: Context, case: Case, before: uuid.UUID | None = None) -> tuple[Sequence[Event], bool]:
    """The newest HISTORY_LIMIT events of *case* (older than *before*), newest first, and whether more follow."""
    rows = scope(ctx.actor, Event).where(Event.case_id == case.id)
    if before is not None:
        rows = rows.where(Event.id < before)
    found = ctx.session.scalars(rows.order_by(Event.id.desc()).limit(HISTORY_LIMIT + 1)).all()
    return found[:HISTORY_LIMIT], len(found) > HISTORY_LIMIT


def last_change(ctx: Context, case: Case) -> Event | None:
    """What somebody else last did to *case*: what a second writer has to hear of."""
    rows = scope(ctx.actor, Event).where(
        Event.case_id == case.id, Event.actor_user_id.is_distinct_from(ctx.actor.user_id)
    )
    return ctx.session.scalars(rows.order_by(Event.id.desc()).limit(1)).one_or_none()


def names_of_edits(ctx: Context, events: Iterable[Event]) -> dict[str, str]:
    """Names for the ids that `case.edited` keeps as old and new values; a handful of statements for any number."""
    wanted: dict[str, set[Id]] = {}
    for event in events:
        changed = event.facts.get("changed")
        for column, values in changed.items() if isinstance(changed, Mapping) else ():
            wanted.setdefault(column, set()).update(found for v in values if (found := parse(v)) is not None)
    models: tuple[tuple[str, type[Any]], ...] = (
        ("request_type_id", RequestType),
        ("environment_id", Environment),
        ("department_id", Department),
    )
    names: dict[str, str] = {}
    for column, model in models:
        if wanted.get(column):
            rows = ctx.session.scalars(scope(ctx.actor, model).where(model.id.in_(wanted[column])))
            names |= {str(row.id): row.name for row in rows}
    if wanted.get("contact_id"):
        people = ctx.session.execute(
            scope(ctx.actor, Contact)
            .join(User, User.id == Contact.user_id)
            .where(Contact.id.in_(wanted["contact_id"]))
            .with_only_columns(Contact.id, User.name)
        )
        names |= {str(contact_id): name for contact_id, name in people}
    return names


# -- merging, and looking as the customer ---------------------------------------------------------------------------


def joined_by_merging(ctx: Context, case: Case, target: Case) -> list[str]:
    """The names of the people of *case* who would come to read *target*, as `linking.merge` adds them."""
    gone = set(ctx.session.scalars(_excluded(ctx, case, target)))
    there = {target.reported_by_id, target.contact_user_id} | {g.user_id for g in target.grants if g.user_id}
    here = {g.user_id for g in case.grants if g.user_id} | {case.contact_user_id}
    here |= {case.reported_by_id} if case.reported_side == "contact" else set()
    added = here - there - gone
    rows = ctx.session.scalars(select(User.name).where(User.id.in_(added)).order_by(User.name_folded)) if added else ()
    return list(rows)


def _excluded(ctx: Context, *cases: Case) -> Any:
    rows = scope(ctx.actor, CaseExclusion).where(CaseExclusion.case_id.in_([case.id for case in cases]))
    return rows.with_only_columns(CaseExclusion.user_id)


@contextmanager
def seen_as(ctx: Context, person: User) -> Iterator[Context]:
    """The context in which *person* would read the portal: their scopes, and the database bound to them.

    Whatever happens inside, *ctx* has its own sight again afterwards.
    """
    before = tenancy_of(ctx.session)
    bind(ctx.session, Tenancy(ctx.provider_id, side=Side.SYSTEM))
    try:
        actor = actors.contacts(ctx, [person])[person.id]
        bind(ctx.session, Tenancy.of(actor))
        yield replace(ctx, actor=actor, person=person, session_id=None)
    finally:
        bind(ctx.session, before)


def colleagues_of(ctx: Context, limit: int = 500) -> list[tuple[Id, str]]:
    """(user id, name) of the other active staff, by name: whom a case may have to be kept from."""
    rows = ctx.session.execute(
        scope(ctx.actor, StaffMember)
        .join(User, User.id == StaffMember.user_id)
        .where(StaffMember.active, StaffMember.user_id != ctx.actor.user_id)
        .order_by(User.name_folded)
        .limit(limit)
        .with_only_columns(User.id, User.name)
    )
    return [(user_id, name) for user_id, name in rows]
