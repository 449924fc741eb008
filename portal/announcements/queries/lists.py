"""Announcements and their updates as lists and pages show them. Every read starts at a scope."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, or_, select

from portal.announcements.models import (
    Announcement,
    AnnouncementTarget,
    AnnouncementUpdate,
)
from portal.announcements.rules import (
    PUBLIC_STATES,
    UNPUBLISHED,
    AnnouncementKind,
    AnnouncementState,
    is_current,
)
from portal.authz.scopes import load, scope
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_accounts
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.text import folded_words
from portal.tenants.models import Account, AccountService, Environment, Service
from portal.tenants.queries.name_search import fold_column

# The most announcements that one list of what goes on, or is planned, shows.
MOST_LIVE = 50


SIZE = 20


MOST_SEARCHED = 500


def announcement(ctx: Context, announcement_id: Id, *, lock: bool = False) -> Announcement:
    """One visible announcement; NotFound for missing and foreign alike."""
    return load(ctx, Announcement, Announcement.id == announcement_id, lock=lock)


def updates_of(ctx: Context, row: Announcement) -> Sequence[Any]:
    """The updates of *row* with the names of their authors, newest first."""
    statement = (
        scope(ctx.actor, AnnouncementUpdate)
        .where(AnnouncementUpdate.announcement_id == row.id)
        .join(User, User.id == AnnouncementUpdate.author_id)
        .with_only_columns(
            AnnouncementUpdate.body, AnnouncementUpdate.written_at, AnnouncementUpdate.final, User.name.label("author")
        )
        .order_by(AnnouncementUpdate.id.desc())
    )
    return ctx.session.execute(statement.limit(200)).all()


def places_of(ctx: Context, row: Announcement) -> Sequence[Any]:
    """The targets of *row* that are places of the actor: ids and names, by name; none for an announcement for
    everybody."""
    statement = (
        scope(ctx.actor, AnnouncementTarget)
        .where(AnnouncementTarget.announcement_id == row.id)
        .outerjoin(Account, Account.id == AnnouncementTarget.account_id)
        .outerjoin(Environment, Environment.id == AnnouncementTarget.environment_id)
        .outerjoin(Service, Service.id == AnnouncementTarget.service_id)
        .with_only_columns(
            AnnouncementTarget.account_id,
            AnnouncementTarget.organization_id,
            AnnouncementTarget.environment_id,
            AnnouncementTarget.service_id,
            Account.name.label("account"),
            Environment.name.label("environment"),
            Service.name.label("service"),
        )
        .order_by(Service.name, Account.name, Environment.name, AnnouncementTarget.id)
    )
    return ctx.session.execute(statement.limit(500)).all()


def live_announcements(ctx: Context, account_id: uuid.UUID | None = None) -> Sequence[Any]:
    """What is published and not ended, for the places of the actor, or for those in one account: outages first. Cached
    until an announcement or an account of the provider changes."""
    if ctx.actor.is_contact and not ctx.actor.access:
        return []
    return cached_config(ctx, for_accounts, _read_live, account_id)


def _read_live(ctx: Context, account_id: uuid.UUID | None) -> Sequence[Any]:
    rows = scope(ctx.actor, Announcement).where(Announcement.state == AnnouncementState.PUBLISHED)
    if account_id is not None:
        bought = select(AccountService.service_id).where(AccountService.account_id == account_id)
        here = scope(ctx.actor, AnnouncementTarget).where(
            or_(AnnouncementTarget.account_id == account_id, AnnouncementTarget.service_id.in_(bought))
        )
        reached = here.with_only_columns(AnnouncementTarget.announcement_id)
        rows = rows.where(or_(Announcement.everybody, Announcement.id.in_(reached)))
    first = case(
        (Announcement.kind == AnnouncementKind.OUTAGE, 0),
        (Announcement.kind == AnnouncementKind.MAINTENANCE, 1),
        else_=2,
    )
    columns = rows.with_only_columns(
        *(Announcement.id, Announcement.kind, Announcement.state, Announcement.title),
        *(Announcement.starts_at, Announcement.ends_at, Announcement.next_update_at, Announcement.published_at),
    )
    return ctx.session.execute(columns.order_by(first, Announcement.published_at.desc()).limit(MOST_LIVE)).all()


def current_announcements(ctx: Context, account_id: uuid.UUID | None = None) -> Sequence[Any]:
    """Those of `live_announcements` that go on at this moment."""
    return [row for row in live_announcements(ctx, account_id) if is_current(row, ctx.now)]


def has_announcements(ctx: Context) -> bool:
    """Whether anything was ever published for the actor. Cached like `live_announcements`."""
    if ctx.actor.is_contact and not ctx.actor.access:
        return False
    return bool(cached_config(ctx, for_accounts, _read_first))


def _read_first(ctx: Context) -> tuple[Any, ...]:
    rows = scope(ctx.actor, Announcement).where(Announcement.state.in_(PUBLIC_STATES))
    return tuple(ctx.session.execute(rows.with_only_columns(Announcement.id).limit(1)))


def find_announcements(ctx: Context, asked: str, number: int) -> Page[Announcement]:
    """Published announcements with every word of *asked* in title or text, among the newest MOST_SEARCHED, the newest
    first."""
    words = folded_words(asked)
    if not words:
        return Page([], 1, SIZE, False)
    newest = scope(ctx.actor, Announcement).where(Announcement.state.in_(PUBLIC_STATES))
    near = newest.order_by(Announcement.published_at.desc(), Announcement.id).limit(MOST_SEARCHED).subquery()
    rows = scope(ctx.actor, Announcement).join(near, near.c.id == Announcement.id)
    for word in words:
        rows = rows.where(
            or_(
                fold_column(Announcement.title).contains(word, autoescape=True),
                fold_column(Announcement.body).contains(word, autoescape=True),
            )
        )
    return fetch_page_of(ctx.session, rows.order_by(Announcement.published_at.desc(), Announcement.id), number, SIZE)


def past_page(ctx: Context, number: int) -> Page[Announcement]:
    """Ended announcements, the last one first."""
    rows = scope(ctx.actor, Announcement).where(Announcement.state == AnnouncementState.ENDED)
    return fetch_page_of(ctx.session, rows.order_by(Announcement.ended_at.desc(), Announcement.id.desc()), number, SIZE)


# The lists of the desk, by name: the states that they hold.
LISTS = {
    "current": (AnnouncementState.PUBLISHED,),
    "drafts": UNPUBLISHED,
    "ended": (AnnouncementState.ENDED,),
}


def staff_page(ctx: Context, shown: str, number: int) -> Page[Announcement]:
    """One list of the desk, the newest first."""
    rows = scope(ctx.actor, Announcement).where(Announcement.state.in_(LISTS[shown]))
    newest = func.coalesce(Announcement.ended_at, Announcement.published_at, Announcement.created_at)
    return fetch_page_of(ctx.session, rows.order_by(newest.desc(), Announcement.id.desc()), number, SIZE)


def has_any(ctx: Context) -> bool:
    """Whether one of the lists of the desk holds anything."""
    return ctx.session.scalar(select(scope(ctx.actor, Announcement).limit(1).exists())) or False
