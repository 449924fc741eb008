"""What customers read and did not find: observations of a request, stored after its answer."""

import datetime as dt

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from portal.authz.scopes import scope
from portal.kernel import ids, retention
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.knowledge.models import HelpArticle, HelpMiss, HelpRead, HelpReadCount

# The length of stored words, and how many of one person are stored on a day: a list for editors, not a log.
WORDS_LETTERS = 120
MISSES_A_DAY = 30


def note_read(ctx: Context, article_id: Id) -> None:
    """Store that the customer reads this article today, once a day. Nothing for who is not counted, and for an article
    that they may not read."""
    if not is_counted(ctx):
        return
    today = ctx.now.astimezone(dt.UTC).date()
    readable = scope(ctx.actor, HelpArticle).where(HelpArticle.id == article_id).with_only_columns(HelpArticle.id)
    if ctx.session.scalar(readable) is None:
        return
    read = insert(HelpRead).values(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        article_id=article_id,
        user_id=ctx.actor.user_id,
        read_on=today,
        read_at=ctx.now,
    )
    first_today = ctx.session.scalar(read.on_conflict_do_nothing().returning(HelpRead.id))
    if first_today is None:
        return
    count = insert(HelpReadCount).values(
        id=ids.new_id(), provider_id=ctx.provider_id, article_id=article_id, read_on=today, readers=1
    )
    ctx.session.execute(
        count.on_conflict_do_update(
            index_elements=["article_id", "read_on"], set_={"readers": HelpReadCount.readers + 1}
        )
    )


def note_missed_search(ctx: Context, asked: str) -> None:
    """Store that the customer searched for *asked* and no article has it, once a day and at most `MISSES_A_DAY`."""
    words = " ".join(asked.casefold().split())[:WORDS_LETTERS].strip()
    if not words or not is_counted(ctx):
        return
    today = ctx.now.astimezone(dt.UTC).date()
    own = scope(ctx.actor, HelpMiss).where(HelpMiss.user_id == ctx.actor.user_id, HelpMiss.searched_on == today)
    if (ctx.session.scalar(own.with_only_columns(func.count())) or 0) >= MISSES_A_DAY:
        return
    miss = insert(HelpMiss).values(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        user_id=ctx.actor.user_id,
        words=words,
        searched_on=today,
        searched_at=ctx.now,
    )
    ctx.session.execute(miss.on_conflict_do_nothing())


def is_counted(ctx: Context) -> bool:
    """Whether the actor is somebody of a client. Staff and visitors read the same pages, and are not whom the figures
    are about."""
    return ctx.actor.is_contact and ctx.actor.user_id is not None and bool(ctx.actor.memberships)


def delete_old_reads(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* reads from before *before*, and daily counts; returns how many (`kernel.retention`)."""
    reads = retention.delete_rows(ctx, HelpRead, limit, HelpRead.read_at < before)
    last_day = before.astimezone(dt.UTC).date()
    return reads + retention.delete_rows(ctx, HelpReadCount, limit - reads, HelpReadCount.read_on < last_day)


def delete_old_misses(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* searches from before *before*; returns how many (`kernel.retention`)."""
    return retention.delete_rows(ctx, HelpMiss, limit, HelpMiss.searched_at < before)
