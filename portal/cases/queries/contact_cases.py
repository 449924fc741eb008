"""The open cases of a contact who moves or leaves, for the screens of people."""

from collections.abc import Sequence, Set
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import CaseRole
from portal.authz.scopes import scope
from portal.cases.models import Case, CaseExclusion, CaseGrant
from portal.cases.queries.people import PEOPLE_LIMIT, unanswerable_without, unread_without
from portal.cases.queries.status_filter import UNRESOLVED_CASE
from portal.cases.vocabulary import vocabulary
from portal.identity.models import User
from portal.identity.queries import sign_ins
from portal.kernel.actor import Actor, Id, Side
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.tenants.models import Account, Contact, ContactAccess, Organization
from portal.tenants.queries.open_cases import ContactCase, Leaver, OpenCases, Successor

LISTED_CASES = 100
# Of how many others it is found whether anybody reads them; their number is exact.
COUNTED_CASES = 500
LISTED_LEAVERS = 20


def find_open_cases(ctx: Context, contact: Contact, ends: bool) -> OpenCases:
    """Those that the actor may see, oldest first, and the number of the others. Of somebody whose access is over only
    the cases whose contact they still are. At most twenty statements."""
    over = ends or not contact.active
    theirs = open_cases_of(contact, find_let_in(ctx, contact, ends=over))
    visible = ctx.session.scalars(visible_open_cases(ctx, theirs).limit(LISTED_CASES)).all()
    with as_system(ctx) as inner:
        others = _other_cases(inner, ctx, contact, theirs).where(Case.id.not_in([case.id for case in visible]))
        rest = inner.session.scalars(others.limit(COUNTED_CASES)).all()
    unread = unread_without(ctx, [*visible, *rest], contact.user_id) if over and (visible or rest) else set()
    stranded = unanswerable_without(ctx, [case for case in visible if case.id in unread], contact.user_id)
    hidden, unlisted = len(rest), 0
    if len(rest) == COUNTED_CASES or len(visible) == LISTED_CASES:
        hidden, unlisted = _count_others(ctx, contact, theirs, listed=len(visible))
    words = vocabulary(ctx, "contact" if ctx.actor.is_contact else "staff")
    rows = [
        ContactCase(
            case.id,
            case.key,
            case.subject,
            case.state,
            words.of(case),
            offered=(case.contact_user_id == contact.user_id or case.id in unread) and may_hand_over(ctx, case),
            contact_name="" if case.contact_user_id == contact.user_id else case.contact_user.name,
            unread=case.id in unread,
            stranded=case.id in stranded,
        )
        for case in visible
    ]
    offered = {row.id for row in rows if row.offered}
    return OpenCases(
        rows,
        hidden,
        len([case for case in rest if case.id in unread]),
        _successors(ctx, contact, [case for case in visible if case.id in offered]) if offered else [],
        unlisted=unlisted,
        has_more_unread=len(rest) == COUNTED_CASES,
    )


def find_leavers(ctx: Context, organization: Organization) -> list[Leaver]:
    """Those who left *organization* and are still the contact of open cases that the actor may know to exist, by name.
    At most LISTED_LEAVERS; at most two statements."""
    with as_system(ctx) as inner:
        rows = _known_cases(inner, ctx, organization.id).where(
            Case.provider_id == organization.provider_id, Case.organization_id == organization.id, UNRESOLVED_CASE
        )
        rows = rows.join(Contact, Contact.id == Case.contact_id).join(User, User.id == Contact.user_id)
        rows = rows.where(Contact.active.is_(False)).order_by(User.name_folded, Contact.id).limit(LISTED_LEAVERS)
        rows = rows.group_by(Contact.id, User.name, User.name_folded)
        found = inner.session.execute(rows.with_only_columns(Contact.id, User.name, func.count())).all()
    return [Leaver(contact_id, name, number) for contact_id, name, number in found]


def may_decide_about_leaver(ctx: Context, actor: Actor, contact: Contact) -> bool:
    """Whether *actor*, an administrator of the client, sees an open case of which *contact*, who left, is still the
    contact, and may name another one."""
    accounts = ctx.session.scalars(scope(ctx.actor, Account).where(Account.organization_id == contact.organization_id))
    mine = [account.id for account in accounts if can(actor, Permission.ORGANIZATION_PEOPLE, account)]
    rows = scope(actor, Case).where(Case.contact_id == contact.id, Case.account_id.in_(mine), UNRESOLVED_CASE)
    return bool(ctx.session.scalar(select(rows.with_only_columns(Case.id).exists())))


def _count_others(ctx: Context, contact: Contact, theirs: ColumnElement[bool], *, listed: int) -> tuple[int, int]:
    """How many of the open cases *theirs* of *contact* the actor may know of but not see, and how many they see beyond
    the first *listed*: exact numbers."""
    seen = scope(ctx.actor, Case).where(theirs).with_only_columns(Case.id)
    visible = ctx.session.scalar(select(func.count()).select_from(seen.subquery())) or 0
    with as_system(ctx) as inner:
        hidden = _other_cases(inner, ctx, contact, theirs).where(Case.id.not_in(seen))
        number = inner.session.scalar(hidden.order_by(None).with_only_columns(func.count())) or 0
    return number, visible - listed


def visible_open_cases(ctx: Context, theirs: ColumnElement[bool]) -> "Select[Any]":
    """The open cases *theirs* (`open_cases_of`) that the actor may see, oldest first, with what a list of them
    shows."""
    rows = scope(ctx.actor, Case).where(theirs)
    rows = rows.options(joinedload(Case.account, innerjoin=True), joinedload(Case.contact_user, innerjoin=True))
    if ctx.actor.is_contact:  # what they may do with a case depends on its grants
        rows = rows.options(selectinload(Case.grants))
    return rows.order_by(Case.opened_at, Case.id)


def may_hand_over(ctx: Context, case: Case) -> bool:
    """Whether the actor, who sees *case*, may name another contact on the screens of people."""
    if ctx.actor.is_contact:
        return can(ctx.actor, Permission.ORGANIZATION_PEOPLE, case)
    return can(ctx.actor, Permission.PROVIDER_CONFIGURE)


def open_cases_of(contact: Contact, let_in: Sequence[Id] = ()) -> ColumnElement[bool]:
    """The unresolved cases whose contact is *contact*; while they are here also those that they reported, and those
    *let_in* (`find_let_in`)."""
    reported = and_(Case.reported_by_id == contact.user_id, Case.reported_side == Side.CONTACT)
    own = [Case.contact_user_id == contact.user_id]
    if contact.active:
        own += [reported, *([Case.id.in_(let_in)] if let_in else [])]
    return and_(
        Case.provider_id == contact.provider_id,
        # "IS TRUE" leaves the index of the organization aside: the person's own indexes have a few rows, it thousands.
        (Case.organization_id == contact.organization_id).is_(True),
        UNRESOLVED_CASE,
        or_(*own),
    )


def find_let_in(ctx: Context, contact: Contact, *, ends: bool) -> list[Id]:
    """The ids of the unresolved cases of the organization that *contact* is affected by; *ends*: also of those that
    they were let into, where nobody else of the customer is notified of answers. At most COUNTED_CASES, in six
    statements."""
    if not contact.active:
        return []
    with as_system(ctx) as inner:
        rows = scope(inner.actor, CaseGrant).join(Case, Case.id == CaseGrant.case_id)
        rows = rows.where(
            CaseGrant.user_id == contact.user_id, CaseGrant.organization_id == contact.organization_id, UNRESOLVED_CASE
        )
        let_in = rows.order_by(Case.id).limit(COUNTED_CASES).with_only_columns(Case, CaseGrant.kind)
        found = [(row[0], row[1]) for row in inner.session.execute(let_in)]
    others = [case for case, kind in found if kind != CaseRole.AFFECTED]
    unread = unread_without(ctx, others, contact.user_id) if ends and others else set()
    return [case.id for case, kind in found if kind == CaseRole.AFFECTED or case.id in unread]


def _other_cases(inner: Context, ctx: Context, contact: Contact, theirs: ColumnElement[bool]) -> "Select[Any]":
    """Those of the open cases *theirs* of *contact* that the actor may know to exist."""
    return _known_cases(inner, ctx, contact.organization_id).where(theirs).order_by(Case.id)


def _known_cases(inner: Context, ctx: Context, organization_id: Id) -> "Select[Any]":
    """The cases that the actor may know to exist: none that excludes them, and for an organization's administrator
    none of accounts that they do not administer."""
    excluded = select(CaseExclusion.case_id).where(CaseExclusion.user_id == ctx.actor.user_id)
    rows = scope(inner.actor, Case).where(Case.id.not_in(excluded))
    if not ctx.actor.is_contact:
        return rows
    accounts = inner.session.scalars(scope(inner.actor, Account).where(Account.organization_id == organization_id))
    mine = [account.id for account in accounts if can(ctx.actor, Permission.ORGANIZATION_PEOPLE, account)]
    return rows.where(Case.account_id.in_(mine))


def _successors(ctx: Context, contact: Contact, cases: Sequence[Case]) -> list[Successor]:
    """Who could become the contact of at least one of *cases*, by name. Four statements."""
    rows = scope(ctx.actor, Contact).join(User, User.id == Contact.user_id)
    rows = rows.where(Contact.organization_id == contact.organization_id, Contact.active, Contact.id != contact.id)
    rows = rows.where(
        Contact.id.in_(
            select(ContactAccess.contact_id).where(ContactAccess.account_id.in_({case.account_id for case in cases}))
        )
    )
    found = ctx.session.execute(
        rows.with_only_columns(Contact.id, User.id, User.name)
        .order_by(User.name_folded, Contact.id)
        .limit(PEOPLE_LIMIT)
    ).all()
    held = scope(ctx.actor, Contact).join(ContactAccess, ContactAccess.contact_id == Contact.id)
    held = held.where(Contact.id.in_([row[0] for row in found]))
    access: dict[Id, set[tuple[Id, Id | None]]] = {}
    for contact_id, account_id, environment_id in ctx.session.execute(
        held.with_only_columns(Contact.id, ContactAccess.account_id, ContactAccess.environment_id)
    ):
        access.setdefault(contact_id, set()).add((account_id, environment_id))
    excluded = scope(ctx.actor, CaseExclusion).where(CaseExclusion.case_id.in_([case.id for case in cases]))
    kept_out = {(row.case_id, row.user_id) for row in ctx.session.scalars(excluded)}
    states = sign_ins(ctx, [user_id for _contact_id, user_id, _name in found])
    places = [(case.id, case.key, case.account_id, case.environment_id) for case in cases]
    successors = []
    for contact_id, user_id, name in found:
        held_by = access.get(contact_id, set())
        unable = [
            key
            for case_id, key, account_id, environment_id in places
            if (case_id, user_id) in kept_out or not _includes(held_by, account_id, environment_id)
        ]
        if len(unable) < len(cases):
            successors.append(Successor(contact_id, name, states[user_id].state, unable))
    return successors


def _includes(access: Set[tuple[Id, Id | None]], account_id: Id, environment_id: Id | None) -> bool:
    """Whether one of *access*, pairs of account and environment, includes this place of a case
    (`actions.opening.contact_has_access`)."""
    if (account_id, None) in access or (account_id, environment_id) in access:
        return True
    return environment_id is None and any(account_id == held for held, _environment in access)
