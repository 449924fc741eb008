"""Scopes of announcements: one condition says whom an announcement reaches; pages, counts, banners and files start at
it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from portal.announcements.models import (
    Announcement,
    AnnouncementFollow,
    AnnouncementJoin,
    AnnouncementTarget,
    AnnouncementUpdate,
    StatusPost,
    StatusSubscriber,
    StatusUpdate,
)
from portal.announcements.rules import PUBLIC_STATES
from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.actor import Actor
from portal.tenants.models import AccountService
from portal.tenants.policies import reaches_account


def _is_reached(actor: Actor) -> ColumnElement[bool]:
    """Whether a target is a place of *actor*: see `rules.Reach.hits`, which says the same of one access row."""
    if actor.is_system or (actor.is_staff and actor.all_accounts):
        return true()
    if actor.is_staff:
        accounts, whole, single = set(actor.account_ids), set(actor.account_ids), set()
    else:
        accounts = {row.account_id for row in actor.access}
        whole = {row.account_id for row in actor.access if row.environment_id is None}
        single = {row.environment_id for row in actor.access if row.environment_id is not None}
    if not accounts:
        return false()
    bought = select(AccountService.service_id).where(AccountService.account_id.in_(accounts))
    return or_(
        and_(AnnouncementTarget.environment_id.is_(None), AnnouncementTarget.account_id.in_(accounts)),
        and_(AnnouncementTarget.environment_id.is_not(None), AnnouncementTarget.account_id.in_(whole)),
        AnnouncementTarget.environment_id.in_(single),
        AnnouncementTarget.service_id.in_(bought),
    )


def visible_targets(actor: Actor) -> "Select[Any]":
    """The targets that are places of the actor: nobody is shown who else is affected."""
    rows = select(AnnouncementTarget).where(AnnouncementTarget.provider_id == actor.provider_id)
    return rows.where(_is_reached(actor))


def visible_announcements(actor: Actor) -> "Select[Any]":
    """Customers: published ones for everybody or for a place of theirs. Staff: also drafts, inside their accounts."""
    rows = select(Announcement).where(Announcement.provider_id == actor.provider_id)
    if actor.is_system or (actor.is_staff and actor.all_accounts):
        return rows
    if not actor.is_staff and not actor.access:
        return scopes.select_nothing(rows)
    reached = visible_targets(actor).with_only_columns(AnnouncementTarget.announcement_id)
    rows = rows.where(or_(Announcement.everybody, Announcement.id.in_(reached)))
    return rows if actor.is_staff else rows.where(Announcement.state.in_(PUBLIC_STATES))


def visible_updates(actor: Actor) -> "Select[Any]":
    """The updates of visible announcements."""
    seen = visible_announcements(actor).with_only_columns(Announcement.id)
    return select(AnnouncementUpdate).where(
        AnnouncementUpdate.provider_id == actor.provider_id, AnnouncementUpdate.announcement_id.in_(seen)
    )


def visible_joins(actor: Actor) -> "Select[Any]":
    """Whom announcements hit: customers see themselves, staff the people of their accounts."""
    rows = select(AnnouncementJoin).where(AnnouncementJoin.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        return rows.where(reaches_account(actor, AnnouncementJoin.account_id))
    return rows.where(AnnouncementJoin.user_id == actor.user_id)


def own_follows(actor: Actor) -> "Select[Any]":
    """The actor's own choices; the system sees everybody's."""
    rows = select(AnnouncementFollow).where(AnnouncementFollow.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(AnnouncementFollow.user_id == actor.user_id)


def public_posts(actor: Actor) -> "Select[Any]":
    """What stands on the status page, for everybody; staff also see what will stand there."""
    rows = select(StatusPost).where(StatusPost.provider_id == actor.provider_id)
    return rows if actor.is_staff or actor.is_system else rows.where(StatusPost.state.in_(PUBLIC_STATES))


def public_updates(actor: Actor) -> "Select[Any]":
    """The updates of what stands there."""
    seen = public_posts(actor).with_only_columns(StatusPost.id)
    return select(StatusUpdate).where(StatusUpdate.provider_id == actor.provider_id, StatusUpdate.post_id.in_(seen))


def status_subscribers(actor: Actor) -> "Select[Any]":
    """Who gets the status page by email: for whoever configures the provider."""
    rows = select(StatusSubscriber).where(StatusSubscriber.provider_id == actor.provider_id)
    sees = actor.is_system or (actor.is_staff and can(actor, Permission.PROVIDER_CONFIGURE))
    return rows if sees else scopes.select_nothing(rows)


scopes.register_scope(StatusSubscriber, status_subscribers)
scopes.register_scope(AnnouncementJoin, visible_joins)
scopes.register_scope(AnnouncementFollow, own_follows)
scopes.register_scope(StatusPost, public_posts)
scopes.register_scope(StatusUpdate, public_updates)
scopes.register_scope(Announcement, visible_announcements)
scopes.register_scope(AnnouncementTarget, visible_targets)
scopes.register_scope(AnnouncementUpdate, visible_updates)
