"""The security events of a provider, newest first, with the people and organizations that they name."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import false, or_

from portal.authz.scopes import scope
from portal.identity.models import Address, User
from portal.kernel import ids, text
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.security_events import SecurityEvent
from portal.tenants.models import Organization
from portal.tenants.queries.name_search import name_matches

SHOWN = 50
# Group of the page to the beginnings of its kinds.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "sign-ins": ("sign_in.", "link."),
    "refused": ("request.",),
    "access": ("staff.", "contact.", "organization.", "account.", "provider."),
    "passwords": ("person.", "session."),
    "mailboxes": ("mailbox.",),
}


@dataclass(frozen=True, slots=True)
class SecurityEventPage:
    """One page of security events, and the people and organizations that its rows name."""

    page: "Page[SecurityEvent]"
    people: Mapping[uuid.UUID, User]
    # By the id as facts spell it.
    organizations: Mapping[str, Organization]


def security_event_page(
    ctx: Context, *, group: str = "", q: str = "", since: dt.datetime | None = None, number: int = 1
) -> SecurityEventPage:
    """Page *number* of the events of *group* (of GROUPS; '' for all) after *since* that *q* finds: a place as it is
    shown, an address, or words of a person's name."""
    rows = scope(ctx.actor, SecurityEvent)
    if group in GROUPS:
        rows = rows.where(or_(*(SecurityEvent.kind.startswith(begin) for begin in GROUPS[group])))
    if since is not None:
        rows = rows.where(SecurityEvent.last_at >= since)
    if q:
        named = scope(ctx.actor, User).where(name_matches(q, User.name_folded) if text.folded_words(q) else false())
        addressed = scope(ctx.actor, Address).where(Address.email_folded == q.casefold())
        rows = rows.where(
            or_(
                SecurityEvent.place == q,
                SecurityEvent.user_id.in_(named.with_only_columns(User.id)),
                SecurityEvent.user_id.in_(addressed.with_only_columns(Address.user_id)),
            )
        )
    rows = rows.order_by(SecurityEvent.last_at.desc(), SecurityEvent.id.desc())
    found = fetch_page_of(ctx.session, rows, number, SHOWN)
    user_ids = {row.user_id for row in found.rows if row.user_id is not None}
    organization_ids = {ids.parse_id(row.facts.get("organization")) for row in found.rows} - {None}
    return SecurityEventPage(
        found,
        {user.id: user for user in ctx.session.scalars(scope(ctx.actor, User).where(User.id.in_(user_ids)))},
        {
            str(row.id): row
            for row in ctx.session.scalars(scope(ctx.actor, Organization).where(Organization.id.in_(organization_ids)))
        },
    )
