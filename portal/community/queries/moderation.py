"""What waits for staff: topics without an official answer, reports, texts that wait for approval. Bounded lists."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.community.models import CommunityBlock, CommunityPost, CommunityReport, CommunityTopic
from portal.community.queries.topics import LIST_SIZE
from portal.community.rules import PostState
from portal.kernel.bounded_counts import bounded_count
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of

MOST_COUNTED = 100


def _waiting(ctx: Context) -> Any:
    return scope(ctx.actor, CommunityTopic).where(CommunityTopic.due_at.is_not(None))


def _open_reports(ctx: Context) -> Any:
    return scope(ctx.actor, CommunityReport).where(CommunityReport.decided_at.is_(None))


def _held(ctx: Context) -> Any:
    return scope(ctx.actor, CommunityPost).where(CommunityPost.state == PostState.HELD)


def waiting_page(ctx: Context, number: int) -> Page[CommunityTopic]:
    """Topics without an official or accepted answer, those that are due first."""
    rows = _waiting(ctx).order_by(CommunityTopic.due_at, CommunityTopic.id).options(joinedload(CommunityTopic.space))
    return fetch_page_of(ctx.session, rows, number, LIST_SIZE)


def reported_page(ctx: Context, number: int) -> Page[CommunityPost]:
    """Texts with reports that nobody has decided about, the first written first."""
    reported = _open_reports(ctx).with_only_columns(CommunityReport.post_id)
    rows = scope(ctx.actor, CommunityPost).where(CommunityPost.id.in_(reported)).order_by(CommunityPost.id)
    return fetch_page_of(ctx.session, rows.options(_with_topic()), number, LIST_SIZE)


def held_page(ctx: Context, number: int) -> Page[CommunityPost]:
    """Texts that wait for approval, the first written first."""
    rows = _held(ctx).order_by(CommunityPost.id).options(_with_topic())
    return fetch_page_of(ctx.session, rows, number, LIST_SIZE)


def _with_topic() -> Any:
    return joinedload(CommunityPost.topic).joinedload(CommunityTopic.space)


def reasons_of(ctx: Context, posts: Sequence[CommunityPost]) -> Mapping[uuid.UUID, list[str]]:
    """By post: what was said against it and is not decided."""
    rows = _open_reports(ctx).where(CommunityReport.post_id.in_([post.id for post in posts]))
    found: dict[uuid.UUID, list[str]] = {}
    for row in ctx.session.scalars(rows.order_by(CommunityReport.id).limit(500)):
        found.setdefault(row.post_id, []).append(row.why)
    return found


def open_counts(ctx: Context) -> dict[str, int]:
    """How many wait in each list, up to MOST_COUNTED."""
    counts = {
        "unanswered": bounded_count(_waiting(ctx).with_only_columns(CommunityTopic.id), MOST_COUNTED),
        "reports": bounded_count(_open_reports(ctx).with_only_columns(CommunityReport.id), MOST_COUNTED),
        "held": bounded_count(_held(ctx).with_only_columns(CommunityPost.id), MOST_COUNTED),
    }
    row = ctx.session.execute(select(*(part.label(word) for word, part in counts.items()))).one()
    return dict(row._mapping)


def blocked_authors(ctx: Context, posts: Sequence[CommunityPost]) -> frozenset[uuid.UUID]:
    """Those authors of *posts* who may write nothing at present."""
    rows = scope(ctx.actor, CommunityBlock).where(
        CommunityBlock.user_id.in_([post.author_id for post in posts]),
        or_(CommunityBlock.ends_at.is_(None), CommunityBlock.ends_at > ctx.now),
    )
    return frozenset(ctx.session.scalars(rows.with_only_columns(CommunityBlock.user_id)))
