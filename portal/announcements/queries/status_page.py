"""What the public status page says."""

import datetime as dt
from typing import Any

from sqlalchemy import or_

from portal.announcements.models import (
    Announcement,
    StatusPost,
    StatusUpdate,
)
from portal.announcements.rules import (
    PUBLIC_STATES,
)
from portal.authz.scopes import scope
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context

HISTORY = dt.timedelta(days=90)


MOST_POSTS, MOST_UPDATES = 100, 1000


def status_posts(ctx: Context) -> list[tuple[StatusPost, list[StatusUpdate]]]:
    """What stands on the status page: what goes on or is planned, and what ended within HISTORY, the newest first, each
    with its updates, the newest first. Two statements."""
    posts = ctx.session.scalars(
        scope(ctx.actor, StatusPost)
        .where(
            StatusPost.state.in_(PUBLIC_STATES),
            or_(StatusPost.ended_at.is_(None), StatusPost.ended_at > ctx.now - HISTORY),
        )
        .order_by(StatusPost.published_at.desc(), StatusPost.id.desc())
        .limit(MOST_POSTS)
    ).all()
    updates = ctx.session.scalars(
        scope(ctx.actor, StatusUpdate)
        .where(StatusUpdate.post_id.in_([post.id for post in posts]))
        .order_by(StatusUpdate.id.desc())
        .limit(MOST_UPDATES)
    ).all()
    return [(post, [one for one in updates if one.post_id == post.id]) for post in posts]


def has_status_posts(ctx: Context) -> bool:
    """Whether the status page ever said anything. Cached until it changes."""
    return bool(cached_config(ctx, for_everybody, _read_first_post))


def _read_first_post(ctx: Context) -> tuple[Any, ...]:
    rows = scope(ctx.actor, StatusPost).where(StatusPost.state.in_(PUBLIC_STATES))
    return tuple(ctx.session.execute(rows.with_only_columns(StatusPost.id).limit(1)))


def post_of(ctx: Context, row: Announcement) -> StatusPost | None:
    """What the status page says, or will say, of *row*."""
    return ctx.session.scalars(scope(ctx.actor, StatusPost).where(StatusPost.announcement_id == row.id)).one_or_none()
