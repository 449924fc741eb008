"""Security events: who was tried or refused, from where and how often, and who changed what others may see.

Tries are added up: one row an hour for each kind, person, place and address, so that whoever tries for days writes few
rows. An hour has at most MOST_ROWS rows of a kind; what is beyond goes into one row that names nobody. An address that
nobody has here is not stored: people type their passwords there. Rows live for `KEEP_SECURITY_EVENTS_DAYS`.
"""

import datetime as dt
import ipaddress
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import ids, retention, tenancy
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import ProviderOwned, key_type, table_of
from portal.kernel.system_context import as_system

# Tries, which are added up.
SIGN_IN_FAILED = "sign_in.failed"
SIGN_IN_THROTTLED = "sign_in.throttled"
SIGN_IN_REFUSED = "sign_in.refused"
OWN_PASSWORD_WRONG = "sign_in.own_password_wrong"  # noqa: S105 - a kind, no password
CODE_FAILED = "sign_in.code_failed"
CODE_THROTTLED = "sign_in.code_throttled"
RESET_ASKED = "link.reset_asked"
SIGN_IN_LINK_ASKED = "link.sign_in_asked"
SIGN_UP_ASKED = "link.sign_up_asked"
LINK_THROTTLED = "link.throttled"
REQUEST_FORBIDDEN = "request.forbidden"
FORM_REFUSED = "request.form_refused"
TRIES = (
    *(SIGN_IN_FAILED, SIGN_IN_THROTTLED, SIGN_IN_REFUSED, OWN_PASSWORD_WRONG, CODE_FAILED, CODE_THROTTLED),
    *(RESET_ASKED, SIGN_IN_LINK_ASKED, SIGN_UP_ASKED, LINK_THROTTLED, REQUEST_FORBIDDEN, FORM_REFUSED),
)
# The most rows of one kind in one hour; one more holds the rest.
MOST_ROWS = 200


class SecurityEvent(ProviderOwned):
    """Tries of one kind in one hour, or one change. *kind* is one of TRIES, or the name of the event of a change."""

    __tablename__ = "security_events"
    __table_args__ = (
        UniqueConstraint("provider_id", "kind", "hour", "key"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_security_events_latest", "provider_id", "last_at", "id"),
        Index(
            "ix_security_events_organization",
            *("organization_id", "last_at", "id"),
            postgresql_where="organization_id IS NOT NULL",
        ),
    )
    kind: Mapped[str] = mapped_column(key_type())
    hour: Mapped[dt.datetime]
    # What is added up: person, place and address. Of a change: its own id.
    key: Mapped[str] = mapped_column(String(300))
    # Who was tried, who was refused, or whose access changed. None: nobody here, or the rest of an hour.
    user_id: Mapped[uuid.UUID | None]
    # The organization that the event concerns, and no other one: its administrators see the event. Of tries: where the
    # person belongs, if that is one organization. None: the provider's own business. No key: the log outlives it.
    organization_id: Mapped[uuid.UUID | None]
    # Who made a change; '' for tries.
    actor_name: Mapped[str] = mapped_column(default="")
    # IPv4 address or IPv6 /48; '' for the rest of an hour, and where there is none.
    place: Mapped[str] = mapped_column(String(64), default="")
    # The address that was asked for ("POST /admin/staff/new"), without what stands in it.
    address: Mapped[str] = mapped_column(String(200), default="")
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    facts: Mapped[dict[str, Any]]


tenancy.set_policy("security_events", tenancy.by_organization())

# Where a person belongs, if that is one organization and they are not of the staff. Registered by `wiring`.
FindOrganization = Callable[[Context, Id], Id | None]
_find_organization: FindOrganization | None = None


def register_organizations(find: FindOrganization) -> None:
    """Register the function that finds the one organization of a person."""
    global _find_organization
    _find_organization = find


def place_of(ctx: Context) -> str:
    """Where the work comes from: its IPv4 address, or its IPv6 /48, which one customer of a network may own."""
    try:
        address = ipaddress.ip_address(ctx.ip.partition("%")[0])
    except ValueError:
        return "unknown"
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 48), strict=False))


def count_try(ctx: Context, kind: str, user_id: Id | None, address: str = "") -> None:
    """Add one try of *kind* (of TRIES) against *user_id* to its row of this hour; None: nobody here."""
    with as_system(ctx) as system:
        _add(system, kind, f"{user_id or ''} {place_of(ctx)} {address[:200]}", user_id, place_of(ctx), address[:200])


@dataclass(frozen=True, slots=True)
class SecurityChange:
    """That somebody changed what *user_id* may see, or rules (None). *facts* are JSON values. Without *organization_id*
    it concerns the organization of the person."""

    kind: str
    user_id: Id | None
    facts: dict[str, Any]
    organization_id: Id | None = None


def store_changes(ctx: Context, changes: Sequence[SecurityChange]) -> None:
    """Store *changes* of the actor, with one statement if each says which organization it concerns."""
    if not changes:
        return
    place = place_of(ctx) if ctx.ip else ""
    with as_system(ctx) as system:
        rows = [
            _row(
                *(system, change.kind, str(ids.new_id()), change.user_id, place),
                actor_name=ctx.actor.name,
                facts=change.facts,
                organization_id=change.organization_id or _organization_of(system, change.user_id),
            )
            for change in changes
        ]
        _insert(system, rows)


def _organization_of(ctx: Context, user_id: Id | None) -> Id | None:
    return _find_organization(ctx, user_id) if user_id is not None and _find_organization is not None else None


def _add(ctx: Context, kind: str, key: str, user_id: Id | None, place: str, address: str) -> None:
    hour = _hour(ctx.now)
    same_hour = (
        SecurityEvent.provider_id == ctx.provider_id,
        SecurityEvent.kind == kind,
        SecurityEvent.hour == hour,
    )
    bounded = select(SecurityEvent.key).where(*same_hour).limit(MOST_ROWS).subquery()
    known = select(SecurityEvent.id).where(*same_hour, SecurityEvent.key == key).exists()
    count = select(func.count()).select_from(bounded).scalar_subquery()
    rows, is_known = ctx.session.execute(select(count, known)).one()
    if rows >= MOST_ROWS and not is_known:
        key, user_id, place, address = "", None, "", ""
    here = _organization_of(ctx, user_id)
    _insert(ctx, [_row(ctx, kind, key, user_id, place, address=address, organization_id=here)])


def _row(
    ctx: Context,
    kind: str,
    key: str,
    user_id: Id | None,
    place: str,
    *,
    address: str = "",
    actor_name: str = "",
    facts: dict[str, Any] | None = None,
    organization_id: Id | None = None,
) -> dict[str, Any]:
    return {
        "id": ids.new_id(),
        "provider_id": ctx.provider_id,
        "kind": kind,
        "hour": _hour(ctx.now),
        "key": key,
        "user_id": user_id,
        "organization_id": organization_id,
        "actor_name": actor_name,
        "place": place,
        "address": address,
        "count": 1,
        "first_at": ctx.now,
        "last_at": ctx.now,
        "facts": facts or {},
    }


def _insert(ctx: Context, rows: list[dict[str, Any]]) -> None:
    row = insert(table_of(SecurityEvent))
    again = {"count": SecurityEvent.count + 1, "last_at": row.excluded.last_at}
    ctx.session.execute(
        row.on_conflict_do_update(index_elements=["provider_id", "kind", "hour", "key"], set_=again), rows
    )


def delete_old(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* rows whose last try was before *before*; returns how many (`kernel.retention`)."""
    return retention.delete_rows(ctx, SecurityEvent, limit, SecurityEvent.last_at < before)


def _hour(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
