"""Accounts and people of clients, as the desk shows them beside cases."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.lists import COUNT_LIMIT, NEWEST
from portal.cases.queries.rows import CaseRow, fetch_page
from portal.cases.queries.status_filter import UNRESOLVED_CASE, UNRESOLVED_IN_ACCOUNT
from portal.identity.models import Address, User
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.paging import Page
from portal.kernel.statement_cache import fetch_rows
from portal.tenants.models import Account, Contact, ContactAccess, Organization


def email_and_open_count(ctx: Context, user_id: Id) -> tuple[str, int]:
    """The email address of a person ('' if none), and the number of their visible unresolved cases up to COUNT_LIMIT.

    One statement.
    """
    email, waiting = tuple(fetch_rows(ctx, _email_and_open_count, user_id=user_id)[0])
    return email or "", waiting


@dataclass(frozen=True, slots=True)
class ContactReach:
    """How the contact of a case is reached: address ('' if none), number of their visible unresolved cases up to
    COUNT_LIMIT, and whether they, and whoever reported it, can still read the case: they have a place in its
    organization, and are not excluded."""

    email: str
    open: int
    reads: bool
    reporter_reads: bool


def contact_reach(ctx: Context, case: Case) -> ContactReach:
    """How the contact of *case* is reached. One statement."""
    found = fetch_rows(ctx, _contact_reach, case_id=case.id, **_named_people(case))[0]
    email, waiting, reads, reporter_reads = tuple(found)
    return ContactReach(email or "", waiting, reads, reporter_reads)


def places_of_contact_and_reporter(ctx: Context, case: Case) -> tuple[bool, bool]:
    """Whether the contact and whoever reported *case* have a place in its organization. One statement."""
    belongs, reporter_belongs = tuple(fetch_rows(ctx, _places, **_named_people(case))[0])
    return belongs, reporter_belongs


def _named_people(case: Case) -> dict[str, Id]:
    return {
        "user_id": case.contact_user_id,
        "organization_id": case.organization_id,
        "reporter_id": case.reported_by_id,
    }


def _places(actor: Actor) -> "Select[Any]":
    return cast("Select[Any]", select(_belongs("user_id"), _belongs("reporter_id")))


def _contact_reach(actor: Actor) -> "Select[Any]":
    return _email_and_open_count(actor).add_columns(
        and_(_belongs("user_id"), ~_excluded("user_id")), and_(_belongs("reporter_id"), ~_excluded("reporter_id"))
    )


def _excluded(parameter: str) -> ColumnElement[bool]:
    """Whether the case excludes the user *parameter*."""
    return (
        select(CaseExclusion.id)
        .where(
            CaseExclusion.case_id == bindparam("case_id", None, Uuid()),
            CaseExclusion.user_id == bindparam(parameter, None, Uuid()),
        )
        .exists()
    )


def _belongs(parameter: str) -> ColumnElement[bool]:
    """Whether the user *parameter* has an active place in the organization."""
    return (
        select(Contact.id)
        .join(Organization, Organization.id == Contact.organization_id)
        .join(User, User.id == Contact.user_id)
        .where(
            Contact.user_id == bindparam(parameter, None, Uuid()),
            Contact.organization_id == bindparam("organization_id", None, Uuid()),
            Contact.active,
            Organization.active,
            User.ended_at.is_(None),
        )
        .exists()
    )


def _email_and_open_count(actor: Actor) -> "Select[Any]":
    person = bindparam("user_id", None, Uuid())
    email = select(Address.email).where(Address.user_id == person).order_by(Address.id).limit(1).scalar_subquery()
    open_ones = scope(actor, Case).where(Case.contact_user_id == person, UNRESOLVED_CASE)
    return select(email, select(func.count()).select_from(_up_to_limit(open_ones)).scalar_subquery())


def open_counts(ctx: Context, account_ids: Sequence[Id]) -> dict[Id, int]:
    """The number of unresolved cases by account, up to COUNT_LIMIT each. One statement."""
    if not account_ids:
        return {}
    rows = scope(ctx.actor, Case).where(Case.account_id == Account.id, UNRESOLVED_IN_ACCOUNT).correlate(Account)
    count = select(func.count()).select_from(_up_to_limit(rows)).correlate(Account).scalar_subquery()
    listed = scope(ctx.actor, Account).where(Account.id.in_(account_ids)).with_only_columns(Account.id, count)
    return {row[0]: row[1] for row in ctx.session.execute(listed)}


def _up_to_limit(rows: Any) -> Any:
    return rows.with_only_columns(literal(1).label("one")).limit(COUNT_LIMIT).subquery()


def cases_of_person(ctx: Context, user_id: Id, number: int = 1) -> Page[CaseRow]:
    """Cases that a person reported or is the contact of, newest update first."""
    rows = scope(ctx.actor, Case).where(or_(Case.contact_user_id == user_id, Case.reported_by_id == user_id))
    return fetch_page(ctx, rows, NEWEST, number, 20)


def contact(ctx: Context, contact_id: uuid.UUID) -> Contact:
    """The visible contact with that id, with organization and access rows; raises NotFound otherwise."""
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
