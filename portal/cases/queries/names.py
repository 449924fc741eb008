"""Names for the ids that events and viewers carry, a bounded number of statements for any number of rows."""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from portal.authz.scopes import scope
from portal.cases.audience import Place, Viewer, viewers
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.catalogue import severity_levels
from portal.identity.models import Address, User
from portal.identity.queries import user_by_email
from portal.kernel.actor import Actor, Id, Side
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, tenancy_of
from portal.kernel.events import Event
from portal.kernel.ids import parse
from portal.kernel.remembered import remembered
from portal.kernel.text import fold
from portal.tenants.models import Contact, ContactAccess, Department, StaffMember
from portal.tenants.queries import actors

AUDIENCE_LIMIT = 1000


def names_in(ctx: Context, events: Iterable[Event]) -> dict[str, str]:
    """Names of the severities, departments and owners that *events* mention."""
    found = {f"severity:{level.rank}": f"{level.rank} {level.name}" for level in severity_levels(ctx)}
    if ctx.actor.is_contact:
        return found
    ids = {
        wanted
        for event in events
        for key in ("owner", "department")
        for value in event.facts.get(key, ())
        if (wanted := parse(value)) is not None
    }
    if ids:
        known = _team(ctx)
        found |= {str(one): known[one] for one in ids if one in known}
    return found


def _team(ctx: Context) -> Mapping[uuid.UUID, str]:
    """The names of all departments and of all staff of the provider, by id, also of those that ended."""

    def read() -> Mapping[uuid.UUID, str]:
        departments = ctx.session.execute(
            scope(ctx.actor, Department).with_only_columns(Department.id, Department.name)
        )
        staff = ctx.session.execute(
            select(StaffMember.id, User.name)
            .join(User, User.id == StaffMember.user_id)
            .where(StaffMember.provider_id == ctx.provider_id)
        )
        return {row[0]: row[1] for row in (*departments, *staff)}

    return remembered(ctx, ("team", ctx.actor.side), read)


def place_of(ctx: Context, case: Case) -> Place:
    """What of *case* decides who sees it."""
    excluded = ctx.session.scalars(select(CaseExclusion.user_id).where(CaseExclusion.case_id == case.id))
    return Place(
        case.organization_id,
        case.account_id,
        case.environment_id,
        case.visibility,
        case.reported_by_id,
        case.contact_user_id,
        frozenset((g.user_id, g.kind) for g in case.grants if g.user_id),
        frozenset(g.to_organization_id for g in case.grants if g.to_organization_id),
        frozenset(excluded),
    )


def audience(ctx: Context, place: Place, *, with_staff: bool = True) -> list[Viewer]:
    """Who sees a case at *place*, and by which rule: the answer to "who will read this?" (DESIGN 2.4)."""
    return viewers(around(ctx, place, with_staff=with_staff), place)


def around(ctx: Context, place: Place, *, with_staff: bool = True) -> list[Actor]:
    """Everybody whom a rule may admit to *place*, whatever its visibility: to be judged by `viewers`.

    Reads as the system, because the rules concern people whom the asker may not list; show only those whom the rules
    admit. At most AUDIENCE_LIMIT people of an organization are looked at.
    """
    before = tenancy_of(ctx.session)
    bind(ctx.session, Tenancy(ctx.provider_id, side=Side.SYSTEM))
    try:
        return [*_contacts(ctx, place), *(_staff(ctx) if with_staff else ())]
    finally:
        bind(ctx.session, before)


def _contacts(ctx: Context, place: Place) -> Iterable[Actor]:
    organizations = {place.organization_id, *place.to_organizations}
    members = select(ContactAccess.user_id).where(ContactAccess.organization_id.in_(organizations))
    named = {place.reported_by_id, place.contact_user_id, *(user_id for user_id, _kind in place.grants)}
    people = ctx.session.scalars(
        select(User)
        .where(User.provider_id == ctx.provider_id, User.ended_at.is_(None), User.id.in_(members) | User.id.in_(named))
        .order_by(User.id)
        .limit(AUDIENCE_LIMIT)
    ).all()
    return actors.contacts(ctx, people).values()


def _staff(ctx: Context) -> Iterable[Actor]:
    people = ctx.session.scalars(
        select(User)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(StaffMember.provider_id == ctx.provider_id, StaffMember.active)
        .limit(AUDIENCE_LIMIT)
    ).all()
    return actors.staff(ctx, people).values()


def staff_names(ctx: Context, members: Sequence[Id]) -> dict[Id, str]:
    """The names of staff members."""
    known = _team(ctx)
    return {member: known[member] for member in members if member in known}


def people_of(ctx: Context, account_id: Id, words: str = "", limit: int = 20) -> Sequence[tuple[Contact, User]]:
    """Active contacts with access to an account whose name or address begins with *words*, by name; through the
    scope."""
    statement = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(
            Contact.active,
            Contact.id.in_(select(ContactAccess.contact_id).where(ContactAccess.account_id == account_id)),
        )
        .with_only_columns(Contact, User)
    )
    if words:
        wanted = fold(words).replace("\\", "").replace("%", "").replace("_", "")
        by_address = select(Address.user_id).where(Address.email_folded.startswith(words.casefold(), autoescape=True))
        statement = statement.where(User.name_folded.contains(wanted) | User.id.in_(by_address))
    return [(contact, user) for contact, user in ctx.session.execute(statement.order_by(User.name_folded).limit(limit))]


def user_id_of(ctx: Context, text: str) -> uuid.UUID | None:
    """The user that *text* names by id or by address at this provider; None if nobody."""
    known = parse(text)
    if known is not None:
        return known
    user = user_by_email(ctx, text) if "@" in text else None
    return user.id if user else None
