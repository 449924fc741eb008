"""The session, person and places of a browser cookie: one statement at the start of every request."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.identity.models import BrowserSession, User
from portal.identity.queries import token_hash
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.request_cache import RequestCache
from portal.tenants.models import (
    Account,
    Contact,
    ContactAccess,
    Organization,
    Provider,
    StaffAccount,
    StaffDepartment,
    StaffMember,
)
from portal.tenants.queries.reporting_lines import reports_seen


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A live browser session: its person, its last use, and the person's places on both sides."""

    person: User
    session_id: Id
    last_seen_at: dt.datetime
    # JSON as `actors` reads it: (contact id, organization id, slug, name, account ids, rule, rule, accesses, users who
    # report to the person) for each organization, and the one staff place or None.
    places: list[Any]
    desk: dict[str, Any] | None


def _contact_places() -> ColumnElement[Any]:
    row = func.json_build_array(ContactAccess.account_id, ContactAccess.environment_id, ContactAccess.role)
    accesses = (
        select(func.json_agg(aggregate_order_by(row, ContactAccess.id)))
        .where(ContactAccess.contact_id == Contact.id)
        .correlate(Contact)
        .scalar_subquery()
    )
    accounts = (
        select(func.json_agg(Account.id))
        .where(Account.organization_id == Organization.id)
        .correlate(Organization)
        .scalar_subquery()
    )
    place = func.json_build_array(
        Contact.id,
        Organization.id,
        Organization.slug,
        Organization.name,
        accounts,
        Organization.admins_see_private,
        Organization.requesters_see_shared,
        accesses,
        reports_seen(),
    )
    return (
        select(func.json_agg(aggregate_order_by(place, Contact.id)))
        .select_from(Contact)
        .join(Organization, Organization.id == Contact.organization_id)
        .where(
            Contact.provider_id == bindparam("provider"),
            Contact.user_id == BrowserSession.user_id,
            Contact.active,
            Organization.active,
        )
        .correlate(BrowserSession)
        .scalar_subquery()
    )


def _staff_place() -> ColumnElement[Any]:
    accounts = (
        select(func.json_agg(StaffAccount.account_id))
        .where(StaffAccount.staff_id == StaffMember.id, StaffMember.all_accounts.is_(False))
        .correlate(StaffMember)
        .scalar_subquery()
    )
    departments = (
        select(func.json_agg(StaffDepartment.department_id))
        .where(StaffDepartment.staff_id == StaffMember.id)
        .correlate(StaffMember)
        .scalar_subquery()
    )
    place = func.json_build_object(
        *("id", StaffMember.id, "role", StaffMember.role, "tier", StaffMember.tier, "all", StaffMember.all_accounts),
        *("accounts", accounts, "departments", departments),
    )
    return (
        select(place)
        .where(
            StaffMember.provider_id == bindparam("provider"),
            StaffMember.user_id == BrowserSession.user_id,
            StaffMember.active,
        )
        .correlate(BrowserSession)
        .scalar_subquery()
    )


# Built once: only its parameters change.
_SESSION_STATEMENT = (
    select(User, Provider, BrowserSession.id, BrowserSession.last_seen_at, _contact_places(), _staff_place())
    .select_from(BrowserSession)
    .join(User, User.id == BrowserSession.user_id)
    .join(Provider, Provider.id == BrowserSession.provider_id)
    .where(
        BrowserSession.token_hash == bindparam("token"),
        BrowserSession.provider_id == bindparam("provider"),
        BrowserSession.ended_at.is_(None),
        BrowserSession.last_seen_at > bindparam("alive"),
        User.ended_at.is_(None),
    )
)


_live_sessions: RequestCache[Id, LiveSession] = RequestCache()


def load_session(ctx: Context, token: str, idle: dt.timedelta) -> LiveSession | None:
    """The session of *token* if it was neither ended nor idle for longer than *idle*. One statement, as the system.

    It also reads the provider's row, and keeps the answer for `session_of`.
    """
    row = ctx.session.execute(
        _SESSION_STATEMENT, {"token": token_hash(token), "provider": ctx.provider_id, "alive": ctx.now - idle}
    ).one_or_none()
    if row is None:
        return None
    person, ctx.provider, session_id, last_seen_at, places, desk = row
    found = LiveSession(person, session_id, last_seen_at, places or [], desk)
    _live_sessions.store(ctx, person.id, found)
    return found


def session_of(ctx: Context, person_id: Id) -> LiveSession | None:
    """The session that `load_session` found in this request, if it belongs to *person_id*."""
    return _live_sessions.get(ctx, person_id)
