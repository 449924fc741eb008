"""Who gets what the status page says by email."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func

from portal.announcements.models import StatusPost, StatusSubscriber, StatusUpdate
from portal.announcements.rules import AnnouncementKind
from portal.authz.scopes import scope
from portal.kernel.actor import Id
from portal.kernel.context import Context


@dataclass(frozen=True, slots=True)
class SubscriberCounts:
    """How many addresses get everything, how many only outages, and how many were not confirmed yet."""

    everything: int
    outages: int
    waiting: int


def count_subscribers(ctx: Context) -> SubscriberCounts:
    """The numbers of addresses, none of them named."""
    rows = scope(ctx.actor, StatusSubscriber)
    confirmed, chosen = StatusSubscriber.confirmed_at.is_not(None), StatusSubscriber.chosen
    counts = (
        func.count().filter(confirmed, chosen == "all"),
        func.count().filter(confirmed, chosen == "outages"),
        func.count().filter(~confirmed),
    )
    return SubscriberCounts(*ctx.session.execute(rows.with_only_columns(*counts)).one())


def subscriber(ctx: Context, subscriber_id: Id, *, lock: bool = False) -> StatusSubscriber | None:
    """The address with this id; None where there is none any more. *lock*: until the end of the transaction."""
    rows = scope(ctx.actor, StatusSubscriber).where(StatusSubscriber.id == subscriber_id)
    if lock:
        rows = rows.with_for_update().execution_options(populate_existing=True)
    return ctx.session.scalars(rows).one_or_none()


def subscriber_of(ctx: Context, email: str) -> StatusSubscriber | None:
    """The row of an address; None where it gets nothing."""
    return ctx.session.scalars(scope(ctx.actor, StatusSubscriber).where(StatusSubscriber.email == email)).one_or_none()


def subscribers_to_tell(
    ctx: Context, post: StatusPost, since: dt.datetime, without: ColumnElement[bool], limit: int
) -> Sequence[StatusSubscriber]:
    """At most *limit* of those who are told of *post*: they had confirmed at *since*, and chose its kind. *without* is
    what must not be true of one."""
    rows = scope(ctx.actor, StatusSubscriber).where(StatusSubscriber.confirmed_at <= since, ~without)
    if post.kind != AnnouncementKind.OUTAGE:
        rows = rows.where(StatusSubscriber.chosen == "all")
    return ctx.session.scalars(rows.order_by(StatusSubscriber.id).limit(limit)).all()


def told_post(ctx: Context, post_id: Id | None) -> StatusPost | None:
    """The post with this id, as long as everybody can read it."""
    return ctx.session.scalars(scope(ctx.actor, StatusPost).where(StatusPost.id == post_id)).one_or_none()


def told_update(ctx: Context, update_id: Any) -> StatusUpdate | None:
    """The public update with this id."""
    return ctx.session.scalars(scope(ctx.actor, StatusUpdate).where(StatusUpdate.id == update_id)).one_or_none()
