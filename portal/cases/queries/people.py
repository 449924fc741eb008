"""The people of one case: its audience, grants, exclusions and subscriptions."""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, all_, and_, bindparam, literal, or_, select
from sqlalchemy.orm import aliased

from portal.authz.roles import CaseRole, ContactRole
from portal.authz.scopes import scope
from portal.cases.audience import VisibilityFacts, admitting_rules
from portal.cases.models import Case, CaseExclusion, CaseGrant, CaseSubscription
from portal.cases.queries.shown_people import is_inside, sees_name, shown_address
from portal.identity.models import Address, User
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, bind_again, tenancy_of
from portal.kernel.ids import parse_id
from portal.kernel.statement_cache import fetch_rows
from portal.kernel.system_context import as_system
from portal.kernel.text import fold
from portal.tenants.models import Contact, ContactAccess, StaffMember
from portal.tenants.queries import actors

AUDIENCE_LIMIT = 1000
# The number of people that a form offers as choices.
PEOPLE_LIMIT = 300
# People in a filter of a list, which is drawn with every page of it.
FILTER_LIMIT = 100
# The most people in copy of one case. Each public message is an email to each of them, so that the receivers of a large
# mail would make a mailing list of the case; a whole company reads it by sharing.
PARTICIPANTS = 50


def has_grant(ctx: Context, user_id: uuid.UUID) -> bool:
    """Whether any case was opened to this person by name (in copy, affected, reader)."""
    statement = select(CaseGrant.id).where(CaseGrant.provider_id == ctx.provider_id, CaseGrant.user_id == user_id)
    return ctx.session.scalar(statement.limit(1)) is not None


def count_participants(case: Case) -> int:
    """How many people are in copy of *case*."""
    return sum(grant.kind == "participant" for grant in case.grants)


def subscription(ctx: Context, case: Case) -> str:
    """The actor's subscription to *case*: 'follow', 'mute' or ''."""
    found = fetch_rows(ctx, _own_subscription, case_id=case.id)
    return found[0][0] if found else ""


def _own_subscription(actor: Actor) -> "Select[Any]":
    rows = scope(actor, CaseSubscription).where(CaseSubscription.case_id == bindparam("case_id", None, Uuid()))
    return rows.where(CaseSubscription.user_id == actor.user_id).with_only_columns(CaseSubscription.mode)


def visibility_facts(ctx: Context, case: Case) -> VisibilityFacts:
    """The facts of *case* that decide who sees it."""
    excluded = ctx.session.scalars(select(CaseExclusion.user_id).where(CaseExclusion.case_id == case.id))
    return facts_of(case, case.grants, excluded)


def facts_of(case: Case, grants: Iterable[CaseGrant], excluded: Iterable[Id]) -> VisibilityFacts:
    """The facts of *case* with these *grants* and these *excluded* people."""
    grants = list(grants)
    return VisibilityFacts(
        case.organization_id,
        case.account_id,
        case.environment_id,
        case.visibility,
        case.reported_by_id,
        case.contact_user_id,
        frozenset((g.user_id, g.kind) for g in grants if g.user_id),
        frozenset(g.to_organization_id for g in grants if g.to_organization_id),
        frozenset(excluded),
    )


def customer_readers(ctx: Context, case: Case, *, leaving: Id | None = None) -> list[Actor]:
    """The people on the customer's side of *case* who can read and answer it now: the contact, the reporter, further
    affected people and people in copy, in this order. The grant *leaving* does not count."""
    grants = [grant for grant in case.grants if grant.id != leaving]
    wanted = _named_readers(case, grants)
    with as_system(ctx) as inner:
        let_in = frozenset((grant.user_id, grant.kind) for grant in grants if grant.user_id)
        facts = replace(visibility_facts(inner, case), grants=let_in)
        users = inner.session.scalars(
            select(User).where(User.provider_id == ctx.provider_id, User.id.in_(wanted), User.ended_at.is_(None))
        ).all()
        found = actors.contact_actors(inner, users)
    return [found[one] for one in wanted if one in found and admitting_rules(found[one], facts)]


def staff_readers(ctx: Context, case: Case) -> list[Actor]:
    """The active staff who can read *case* now, by the rules of its audience."""
    with as_system(ctx) as inner:
        facts = visibility_facts(inner, case)
        return [one for one in _candidate_staff(inner) if admitting_rules(one, facts)]


def _named_readers(case: Case, grants: Iterable[CaseGrant]) -> list[Id]:
    """Who is to read and answer *case*, if they still may: contact, reporter, affected people, people in copy."""
    order = {"affected": 0, "participant": 1}
    named = sorted((g for g in grants if g.user_id and g.kind in order), key=lambda g: order[g.kind])
    reporter = [case.reported_by_id] if case.reported_side == "contact" else []
    return list(dict.fromkeys([case.contact_user_id, *reporter, *(g.user_id for g in named if g.user_id)]))


def unread_without(ctx: Context, cases: Sequence[Case], user_id: Id) -> set[Id]:
    """The ids of those of *cases* of whose answers no member of the case's organization is notified without *user_id*,
    whose place there ends: an outsider in copy does not act for the customer. Four statements for any number of
    cases."""
    return _without_member(ctx, cases, user_id, _named_readers)


def unanswerable_without(ctx: Context, cases: Sequence[Case], user_id: Id) -> set[Id]:
    """The ids of those of *cases* that no member of the case's organization can read and answer without *user_id*,
    whose place there ends: neither by name nor as an administrator. Five statements for any number of cases."""
    if not cases:
        return set()
    administrators: dict[Id, list[tuple[Id | None, Id]]] = {}
    with as_system(ctx) as inner:
        rows = scope(inner.actor, ContactAccess).where(
            ContactAccess.account_id.in_({case.account_id for case in cases}),
            ContactAccess.role == ContactRole.ORGANIZATION_ADMIN,
        )
        for row in inner.session.scalars(rows.order_by(ContactAccess.id).limit(AUDIENCE_LIMIT)):
            administrators.setdefault(row.account_id, []).append((row.environment_id, row.user_id))

    def may_answer(case: Case, grants: Iterable[CaseGrant]) -> list[Id]:
        readers = [grant.user_id for grant in grants if grant.user_id and grant.kind == CaseRole.READER]
        places = (None, case.environment_id)
        administer = [one for where, one in administrators.get(case.account_id, ()) if where in places]
        return [*_named_readers(case, grants), *readers, *administer]

    return _without_member(ctx, cases, user_id, may_answer)


def _without_member(
    ctx: Context, cases: Sequence[Case], user_id: Id, named: Callable[[Case, Sequence[CaseGrant]], list[Id]]
) -> set[Id]:
    """The ids of those of *cases* that none of the people *named* but *user_id* sees as a member of the case's
    organization. Four statements."""
    case_ids = [case.id for case in cases]
    grants: dict[Id, list[CaseGrant]] = {}
    excluded: dict[Id, list[Id]] = {}
    with as_system(ctx) as inner:
        for grant in inner.session.scalars(scope(inner.actor, CaseGrant).where(CaseGrant.case_id.in_(case_ids))):
            grants.setdefault(grant.case_id, []).append(grant)
        for row in inner.session.scalars(scope(inner.actor, CaseExclusion).where(CaseExclusion.case_id.in_(case_ids))):
            excluded.setdefault(row.case_id, []).append(row.user_id)
        by_case = {case.id: named(case, grants.get(case.id, [])) for case in cases}
        wanted = {one for people in by_case.values() for one in people} - {user_id}
        users = inner.session.scalars(
            scope(inner.actor, User).where(User.id.in_(wanted), User.ended_at.is_(None))
        ).all()
        found = actors.contact_actors(inner, users)
    return {
        case.id
        for case in cases
        if not any(
            one in found
            and case.organization_id in found[one].memberships
            and admitting_rules(found[one], facts_of(case, grants.get(case.id, ()), excluded.get(case.id, ())))
            for one in by_case[case.id]
        )
    }


def candidate_viewers(ctx: Context, facts: VisibilityFacts, *, with_staff: bool = True) -> list[Actor]:
    """Everybody whom a rule may admit to a case with *facts*, whatever its visibility. `find_viewers` decides.

    Reads as the system, because the rules concern people whom the actor may not list. Show only those whom the rules
    admit. Reads at most AUDIENCE_LIMIT people of the client's side.
    """
    with as_system(ctx):
        return [*_candidate_contacts(ctx, facts), *(_candidate_staff(ctx) if with_staff else ())]


def _candidate_contacts(ctx: Context, facts: VisibilityFacts) -> Iterable[Actor]:
    # No rule admits somebody for an access row of another account of the organization.
    members = select(ContactAccess.user_id).where(
        or_(ContactAccess.account_id == facts.account_id, ContactAccess.organization_id.in_(facts.to_organizations))
    )
    named = {facts.reported_by_id, facts.contact_user_id, *(user_id for user_id, _kind in facts.grants)}
    people = ctx.session.execute(
        select(User.id, User.name)
        .where(User.provider_id == ctx.provider_id, User.ended_at.is_(None), User.id.in_(members) | User.id.in_(named))
        .order_by(User.id)
        .limit(AUDIENCE_LIMIT)
    ).all()
    return actors.contact_actors(ctx, people).values()


def _candidate_staff(ctx: Context) -> Iterable[Actor]:
    people = ctx.session.execute(
        select(User.id, User.name)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(StaffMember.provider_id == ctx.provider_id, StaffMember.active)
        .limit(AUDIENCE_LIMIT)
    ).all()
    return actors.staff_actors(ctx, people).values()


def people_of(
    ctx: Context,
    account_id: Id,
    words: str = "",
    limit: int = 20,
    *,
    contact_id: Id | None = None,
    environment_id: Id | None = None,
    admitted_by: Case | None = None,
) -> Sequence[tuple[Contact, User]]:
    """Visible active contacts with access to an account, by name. *words*: name or address must match. *contact_id*:
    only this one. *environment_id*: their access includes this environment. *admitted_by*: a case that does not exclude
    them."""
    statement = _people_rows(ctx, account_id, words, environment_id).with_only_columns(Contact, User)
    if contact_id is not None:
        statement = statement.where(Contact.id == contact_id)
    if admitted_by is not None:
        excluded = scope(ctx.actor, CaseExclusion).where(CaseExclusion.case_id == admitted_by.id)
        statement = statement.where(Contact.user_id.not_in(excluded.with_only_columns(CaseExclusion.user_id)))
    return [(contact, user) for contact, user in ctx.session.execute(statement.limit(limit))]


def people_choices(
    ctx: Context, account_id: Id, words: str, limit: int, *, without: Collection[Id | None] = ()
) -> Sequence[tuple[Id, str]]:
    """(user id, name) of the people of `people_of`, for the choices of a form; *without* these users."""
    statement = _people_rows(ctx, account_id, words).with_only_columns(User.id, User.name)
    if without:
        statement = statement.where(User.id != all_(literal([one for one in without if one], ARRAY(Uuid()))))
    return [(user_id, name) for user_id, name in ctx.session.execute(statement.limit(limit))]


def _people_rows(ctx: Context, account_id: Id, words: str, environment_id: Id | None = None) -> "Select[Any]":
    """Visible active contacts with access to an account, or to one environment of it, by name."""
    access = select(ContactAccess.contact_id).where(ContactAccess.account_id == account_id)
    if environment_id is not None:
        covers = ContactAccess.environment_id == environment_id
        access = access.where(or_(ContactAccess.environment_id.is_(None), covers))
    statement = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(
            Contact.active,
            Contact.id.in_(access),
        )
    )
    if words:
        wanted = fold(words).replace("\\", "").replace("%", "").replace("_", "")
        by_address = select(Address.user_id).where(Address.email_folded.startswith(words.casefold(), autoescape=True))
        statement = statement.where(User.name_folded.contains(wanted) | User.id.in_(by_address))
    return statement.order_by(User.name_folded)


def find_colleague(ctx: Context, case: Case, person: Id | str) -> User | None:
    """The active member of the case's organization whom *person* names by id or address; None for anybody else."""
    return _find_in(ctx, case, is_inside(User.id, case.organization_id), person)


def find_reader(ctx: Context, case: Case, person: Id | str) -> User | None:
    """The person of either side whom *person* names by id or address, if the actor sees them by name or they were let
    into *case*; None for anybody else. Who is shown by an address answers to no other one."""
    named = User.id.in_([case.reported_by_id, *(grant.user_id for grant in case.grants if grant.user_id)])
    return _find_in(ctx, case, sees_name(ctx.actor, User.id), person, by_shown_address=named)


def _find_in(
    ctx: Context, case: Case, offered: ColumnElement[bool], person: Id | str, by_shown_address: Any = None
) -> User | None:
    """The one user among *offered* whom *person* names. Nobody else is looked up, so that an answer does not tell
    whether an address or id is known at the provider."""
    known = person if isinstance(person, uuid.UUID) else parse_id(person)
    rows = select(User).where(User.provider_id == ctx.provider_id)
    if known is not None:
        let_in = offered if by_shown_address is None else or_(offered, by_shown_address)
        return ctx.session.scalars(rows.where(User.id == known, let_in)).one_or_none()
    folded = str(person).strip().casefold()
    if by_shown_address is not None:
        offered = or_(offered, and_(by_shown_address, shown_address(User.id) == folded))
    # Not the plain table: the rules of who is offered read it too.
    address = aliased(Address)
    rows = rows.join(address, address.user_id == User.id).where(address.email_folded == folded, offered)
    # An address can be claimed by others than its holder: the member of the client comes first, then the holder.
    rows = rows.order_by(is_inside(User.id, case.organization_id).desc(), address.claimed, User.id)
    return ctx.session.scalars(rows.limit(1)).one_or_none()


@contextmanager
def as_reader(ctx: Context, person: User) -> Iterator[Context]:
    """The context of *person* as a reader of the portal, with the database bound to them.

    The database is bound to *ctx* again afterwards, also after an exception.
    """
    with as_system(ctx):
        actor = actors.contact_actors(ctx, [person])[person.id]
    before = tenancy_of(ctx.session)
    bind(ctx.session, Tenancy.of(actor))
    try:
        yield replace(ctx, actor=actor, person=person, session_id=None)
    finally:
        bind_again(ctx.session, before)
