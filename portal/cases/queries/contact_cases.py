"""The open cases of a contact who moves or leaves, for the screens of people."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.people import PEOPLE_LIMIT, unread_without
from portal.cases.queries.status_filter import UNRESOLVED_CASE
from portal.cases.vocabulary import vocabulary
from portal.identity.models import User
from portal.identity.queries import sign_ins
from portal.kernel.actor import Id, Side
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.tenants.models import Account, Contact, ContactAccess
from portal.tenants.queries.open_cases import ContactCase, OpenCases, Successor

LISTED_CASES = 100
# Of how many others it is found whether anybody reads them; their number is exact.
COUNTED_CASES = 500


def find_open_cases(ctx: Context, contact: Contact, ends: bool) -> OpenCases:
    """Those that the actor may see, oldest first, and the number of the others. At most twelve statements."""
    visible = ctx.session.scalars(visible_open_cases(ctx, contact).limit(LISTED_CASES)).all()
    with as_system(ctx) as inner:
        others = _other_cases(inner, ctx, contact).where(Case.id.not_in([case.id for case in visible]))
        rest = inner.session.scalars(others.limit(COUNTED_CASES)).all()
    unread = unread_without(ctx, [*visible, *rest], contact.user_id) if ends and (visible or rest) else set()
    hidden, unlisted = len(rest), 0
    if len(rest) == COUNTED_CASES or len(visible) == LISTED_CASES:
        hidden, unlisted = _count_others(ctx, contact, listed=len(visible))
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


def _count_others(ctx: Context, contact: Contact, *, listed: int) -> tuple[int, int]:
    """How many open cases of *contact* the actor may know of but not see, and how many they see beyond the first
    *listed*: exact numbers."""
    seen = scope(ctx.actor, Case).where(_open_cases_of(contact)).with_only_columns(Case.id)
    visible = ctx.session.scalar(select(func.count()).select_from(seen.subquery())) or 0
    with as_system(ctx) as inner:
        hidden = _other_cases(inner, ctx, contact).where(Case.id.not_in(seen))
        number = inner.session.scalar(hidden.order_by(None).with_only_columns(func.count())) or 0
    return number, visible - listed


def visible_open_cases(ctx: Context, contact: Contact) -> "Select[Any]":
    """The open cases of *contact* that the actor may see, oldest first, with what a list of them shows."""
    rows = scope(ctx.actor, Case).where(_open_cases_of(contact))
    rows = rows.options(joinedload(Case.account, innerjoin=True), joinedload(Case.contact_user, innerjoin=True))
    if ctx.actor.is_contact:  # what they may do with a case depends on its grants
        rows = rows.options(selectinload(Case.grants))
    return rows.order_by(Case.opened_at, Case.id)


def may_hand_over(ctx: Context, case: Case) -> bool:
    """Whether the actor, who sees *case*, may name another contact on the screens of people."""
    if ctx.actor.is_contact:
        return can(ctx.actor, Permission.ORGANIZATION_PEOPLE, case)
    return can(ctx.actor, Permission.PROVIDER_CONFIGURE)


def _open_cases_of(contact: Contact) -> ColumnElement[bool]:
    reported = and_(Case.reported_by_id == contact.user_id, Case.reported_side == Side.CONTACT)
    return and_(
        Case.provider_id == contact.provider_id,
        # "IS TRUE" leaves the index of the organization aside: the person's own indexes have a few rows, it thousands.
        (Case.organization_id == contact.organization_id).is_(True),
        UNRESOLVED_CASE,
        or_(Case.contact_user_id == contact.user_id, reported),
    )


def _other_cases(inner: Context, ctx: Context, contact: Contact) -> "Select[Any]":
    """The open cases of *contact* that the actor may know to exist: none that excludes them, and for an organization's
    administrator none of accounts that they do not administer."""
    excluded = select(CaseExclusion.case_id).where(CaseExclusion.user_id == ctx.actor.user_id)
    rows = scope(inner.actor, Case).where(_open_cases_of(contact), Case.id.not_in(excluded)).order_by(Case.id)
    if not ctx.actor.is_contact:
        return rows
    accounts = inner.session.scalars(
        scope(inner.actor, Account).where(Account.organization_id == contact.organization_id)
    )
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
    access: dict[Id, list[tuple[Id, Id | None]]] = {}
    for contact_id, account_id, environment_id in ctx.session.execute(
        held.with_only_columns(Contact.id, ContactAccess.account_id, ContactAccess.environment_id)
    ):
        access.setdefault(contact_id, []).append((account_id, environment_id))
    excluded = scope(ctx.actor, CaseExclusion).where(CaseExclusion.case_id.in_([case.id for case in cases]))
    kept_out = {(row.case_id, row.user_id) for row in ctx.session.scalars(excluded)}
    states = sign_ins(ctx, [user_id for _contact_id, user_id, _name in found])
    successors = []
    for contact_id, user_id, name in found:
        unable = [
            case.key
            for case in cases
            if (case.id, user_id) in kept_out or not _includes(access.get(contact_id, ()), case)
        ]
        if len(unable) < len(cases):
            successors.append(Successor(contact_id, name, states[user_id].state, unable))
    return successors


def _includes(access: Iterable[tuple[Id, Id | None]], case: Case) -> bool:
    """Whether one of *access*, pairs of account and environment, includes the place of *case*
    (`actions.opening.contact_has_access`)."""
    return any(
        account_id == case.account_id and (case.environment_id is None or environment_id in (None, case.environment_id))
        for account_id, environment_id in access
    )
