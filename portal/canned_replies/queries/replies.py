"""Canned replies: the lists of those who write them, and what a picker offers."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, true
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.canned_replies.models import CannedReply, CannedReplyUse
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.text import fold

SIZE = 50
# What a picker shows at once; more words find the rest.
MOST_OFFERED = 20


def list_replies(
    ctx: Context, *, shared: bool, q: str = "", department_id: Id | None = None, active: bool = True, number: int = 1
) -> Page[Row[Any]]:
    """The shared replies, or the actor's own, by title: (reply with its department, uses, last use)."""
    used = (
        scope(ctx.actor, CannedReplyUse)
        .with_only_columns(
            CannedReplyUse.reply_id,
            func.sum(CannedReplyUse.uses).label("uses"),
            func.max(CannedReplyUse.last_used_at).label("last"),
        )
        .group_by(CannedReplyUse.reply_id)
        .subquery()
    )
    rows = (
        _list(ctx, shared=shared)
        .outerjoin(used, used.c.reply_id == CannedReply.id)
        .add_columns(func.coalesce(used.c.uses, 0), used.c.last)
        .where(CannedReply.active.is_(active), _matches(q))
        .options(joinedload(CannedReply.department))
        .order_by(func.folded(CannedReply.title), CannedReply.id)
    )
    if department_id is not None:
        rows = rows.where(CannedReply.department_id == department_id)
    return fetch_page_of(ctx.session, rows, number, SIZE, scalars=False)


def has_replies(ctx: Context, *, shared: bool) -> bool:
    """Whether there is any reply, ended ones included."""
    return ctx.session.scalar(_list(ctx, shared=shared).with_only_columns(CannedReply.id).limit(1)) is not None


def count_replies(ctx: Context, *, shared: bool) -> int:
    """How many there are, ended ones included."""
    return ctx.session.scalar(_list(ctx, shared=shared).with_only_columns(func.count())) or 0


def find_reply(ctx: Context, reply_id: uuid.UUID, *, shared: bool, lock: bool = False) -> CannedReply:
    """The shared reply, or the actor's own, with this id and its department; NotFound otherwise."""
    where = (CannedReply.id == reply_id, _belongs(ctx, shared=shared))
    return load(ctx, CannedReply, *where, lock=lock, options=[joinedload(CannedReply.department)])


def reply_uses(ctx: Context, reply: CannedReply) -> int:
    """How often *reply* was sent, by everybody."""
    rows = scope(ctx.actor, CannedReplyUse).where(CannedReplyUse.reply_id == reply.id)
    return int(ctx.session.scalar(rows.with_only_columns(func.coalesce(func.sum(CannedReplyUse.uses), 0))) or 0)


def offered_replies(
    ctx: Context, *, q: str = "", department_id: Id | None = None
) -> tuple[Sequence[CannedReply], bool]:
    """Active replies with every word of *q* that the actor may use, and whether there are more.

    First those of *department_id* (the case's), then those that the actor uses most, then by title.
    """
    mine = and_(CannedReplyUse.reply_id == CannedReply.id, CannedReplyUse.user_id == ctx.actor.user_id)
    rows = (
        scope(ctx.actor, CannedReply)
        .outerjoin(CannedReplyUse, mine)
        .where(CannedReply.active, _matches(q))
        .options(joinedload(CannedReply.department))
    )
    order: list[Any] = []
    if department_id is not None:
        order.append(case((CannedReply.department_id == department_id, 0), else_=1))
    order += [func.coalesce(CannedReplyUse.uses, 0).desc(), func.folded(CannedReply.title), CannedReply.id]
    found = ctx.session.scalars(rows.order_by(*order).limit(MOST_OFFERED + 1)).all()
    return found[:MOST_OFFERED], len(found) > MOST_OFFERED


def replies_of(ctx: Context, reply_ids: Sequence[Id]) -> list[CannedReply]:
    """The visible replies with these ids in their order; what is gone is left out."""
    rows = scope(ctx.actor, CannedReply).where(CannedReply.id.in_(reply_ids))
    found = {row.id: row for row in ctx.session.scalars(rows)}
    return [found[reply_id] for reply_id in dict.fromkeys(reply_ids) if reply_id in found]


def _list(ctx: Context, *, shared: bool) -> "Select[Any]":
    return scope(ctx.actor, CannedReply).where(_belongs(ctx, shared=shared))


def _belongs(ctx: Context, *, shared: bool) -> Any:
    return CannedReply.owner_id.is_(None) if shared else CannedReply.owner_id == ctx.actor.user_id


def _matches(q: str) -> Any:
    """Whether every word of *q* occurs in the title or a text."""
    words = [fold(word) for word in q.split()[:8]]
    return and_(true(), *(CannedReply.searched.contains(word, autoescape=True) for word in words))
