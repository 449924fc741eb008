"""The security events of a provider, or of one organization, newest first, with the people and organizations that they
name."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, false, or_, select

from portal.authz.scopes import scope
from portal.identity.models import Address, User
from portal.kernel import ids, text
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_first, fetch_page_of
from portal.kernel.security_events import SecurityEvent
from portal.tenants.models import Contact, Organization
from portal.tenants.queries.name_search import name_matches

SHOWN = 50
# The most rows of a file.
MOST_EXPORTED = 10_000
# Group of the page to the beginnings of its kinds.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "sign-ins": ("sign_in.", "session.started", "link.", "sign_in_way."),
    "refused": ("request.",),
    "access": ("staff.", "contact.", "organization.", "account.", "provider."),
    "passwords": ("person.", "session.ended"),
    "mailboxes": ("mailbox.",),
}


@dataclass(frozen=True, slots=True)
class SecurityEventPage:
    """One page of security events, and the people and organizations that its rows name."""

    page: "Page[SecurityEvent]"
    people: Mapping[uuid.UUID, User]
    # By the id as facts spell it.
    organizations: Mapping[str, Organization]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events a page shows: those that concern *organization* alone (None: all), of *group* (of GROUPS; '' for
    all), after *since*, that *q* finds: a place as it is shown, an address, or words of a person's name."""

    organization: Organization | None = None
    group: str = ""
    q: str = ""
    since: dt.datetime | None = None


def security_event_page(ctx: Context, wanted: EventFilter, number: int = 1) -> SecurityEventPage:
    """Page *number* of the events that *wanted* lets through."""
    return _name(ctx, fetch_page_of(ctx.session, _rows(ctx, wanted), number, SHOWN))


def exported_security_events(ctx: Context, wanted: EventFilter) -> SecurityEventPage:
    """The newest MOST_EXPORTED of them, as one page."""
    return _name(ctx, fetch_first(ctx.session, _rows(ctx, wanted), MOST_EXPORTED))


def _rows(ctx: Context, wanted: EventFilter) -> "Select[Any]":
    rows, q = scope(ctx.actor, SecurityEvent), wanted.q
    if wanted.organization is not None:
        rows = rows.where(SecurityEvent.organization_id == wanted.organization.id)
    if wanted.group:
        rows = rows.where(or_(*(SecurityEvent.kind.startswith(begin) for begin in GROUPS[wanted.group])))
    if wanted.since is not None:
        rows = rows.where(SecurityEvent.last_at >= wanted.since)
    if q:
        named = _people(ctx.actor).where(name_matches(q, User.name_folded) if text.folded_words(q) else false())
        addressed = scope(ctx.actor, Address).where(Address.email_folded == q.casefold())
        rows = rows.where(
            or_(
                SecurityEvent.place == q,
                SecurityEvent.user_id.in_(named.with_only_columns(User.id)),
                SecurityEvent.user_id.in_(addressed.with_only_columns(Address.user_id)),
            )
        )
    return rows.order_by(SecurityEvent.last_at.desc(), SecurityEvent.id.desc())


def _name(ctx: Context, found: "Page[SecurityEvent]") -> SecurityEventPage:
    user_ids = {row.user_id for row in found.rows if row.user_id is not None}
    organization_ids = {ids.parse_id(row.facts.get("organization")) for row in found.rows} - {None}
    return SecurityEventPage(
        found,
        {user.id: user for user in ctx.session.scalars(_people(ctx.actor).where(User.id.in_(user_ids)))},
        {
            str(row.id): row
            for row in ctx.session.scalars(scope(ctx.actor, Organization).where(Organization.id.in_(organization_ids)))
        },
    )


def _people(actor: Actor) -> "Select[Any]":
    """The people whom the reader may find by name: staff everybody, a contact the people of their organization, also
    those whose access has ended."""
    if not actor.is_contact:
        return scope(actor, User)
    places = scope(actor, Contact).with_only_columns(Contact.user_id)
    return select(User).where(User.provider_id == actor.provider_id, User.id.in_(places))
