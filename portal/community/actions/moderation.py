"""What staff do with texts and people: approve, hide, restore, dismiss reports, close topics, block."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import update

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.community.actions import telling
from portal.community.actions.writing import refresh
from portal.community.models import CommunityBlock, CommunityPost, CommunityReport, CommunityTopic
from portal.community.queries import topics as queries
from portal.community.rules import BLOCK_DAYS, PostState, is_blocked
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record


def approve_post(ctx: Context, post: CommunityPost) -> None:
    """Show *post*, which is locked and waited for approval; what its author writes from now on waits no more. Records
    `community.approved` and tells the author, and for an answer the followers. Raises Conflict for any other."""
    require(ctx.actor, Permission.COMMUNITY_MODERATE)
    if post.state != PostState.HELD:
        raise Conflict(_("It does not wait for approval any more."))
    post.state = PostState.SHOWN
    member = queries.member(ctx, post.author_id, lock=True)
    member.approved_at = member.approved_at or ctx.now
    refresh(ctx, post.topic)
    record(ctx, "community.approved", post.topic, post=str(post.id))
    telling.tell_person(ctx, post, post.author_id, "approved")
    if not post.opens and post.topic.state == PostState.SHOWN:
        telling.tell_followers(ctx, post)


def hide_post(ctx: Context, post: CommunityPost, why: str) -> None:
    """Take *post*, which is locked, from its readers; its author reads *why*. Hiding a question hides its topic. Open
    reports about it are decided. Records `community.hidden`. Raises Conflict for one that is hidden already, Refused
    without a reason."""
    require(ctx.actor, Permission.COMMUNITY_MODERATE)
    if not why:
        raise Refused(_("Write a reason"), "why")
    if post.state == PostState.HIDDEN:
        raise Conflict(_("It is hidden already."))
    post.state, post.hidden_why, post.accepted = PostState.HIDDEN, why, False
    _decide_reports(ctx, post)
    refresh(ctx, post.topic)
    record(ctx, "community.hidden", post.topic, post=str(post.id), why=why)


def restore_post(ctx: Context, post: CommunityPost) -> None:
    """Show *post*, which is locked and hidden, again; records `community.restored`. Raises Conflict for any other."""
    require(ctx.actor, Permission.COMMUNITY_MODERATE)
    if post.state != PostState.HIDDEN:
        raise Conflict(_("It is not hidden."))
    post.state, post.hidden_why = PostState.SHOWN, ""
    refresh(ctx, post.topic)
    record(ctx, "community.restored", post.topic, post=str(post.id))


def dismiss_reports(ctx: Context, post: CommunityPost) -> None:
    """Decide that *post* stays; records `community.reports_dismissed`. Raises Conflict where nothing is open."""
    require(ctx.actor, Permission.COMMUNITY_MODERATE)
    if not _decide_reports(ctx, post):
        raise Conflict(_("Somebody has decided about this already."))
    record(ctx, "community.reports_dismissed", post.topic, post=str(post.id))


def set_closed(ctx: Context, topic: CommunityTopic, *, closed: bool) -> None:
    """End the answers of *topic*, which is locked, or allow them again; records `community.topic_closed` or
    `community.topic_reopened`. Raises Conflict where it is so already."""
    require(ctx.actor, Permission.COMMUNITY_MODERATE)
    if (topic.closed_at is not None) == closed:
        raise Conflict(_("This topic is closed already.") if closed else _("This topic is not closed."))
    topic.closed_at = ctx.now if closed else None
    refresh(ctx, topic)
    record(ctx, "community.topic_closed" if closed else "community.topic_reopened", topic)


def block_person(ctx: Context, user_id: Id, *, why: str, days: int) -> CommunityBlock:
    """Let a person who wrote in the community write nothing there for *days* (0: until somebody ends it); they read
    *why*. Records `community.person_blocked`. Raises Refused without a reason."""
    require(ctx.actor, Permission.COMMUNITY_MODERATE)
    if not why:
        raise Refused(_("Write a reason"), "why")
    if days not in BLOCK_DAYS:
        raise Refused(_("Choose one of the answers shown"), "days")
    member = queries.member(ctx, user_id, lock=True)
    block = queries.block_of(ctx, user_id)
    if block is None:
        block = CommunityBlock(provider_id=ctx.provider_id, user_id=member.user_id)
        ctx.session.add(block)
    block.why, block.made_by_id, block.made_at = why, ctx.actor.user_id, ctx.now  # type: ignore[assignment]
    block.ends_at = ctx.now + dt.timedelta(days=days) if days else None
    ctx.session.flush()
    until = block.ends_at.isoformat() if block.ends_at else ""
    record(ctx, "community.person_blocked", block, user=str(user_id), until=until)
    return block


def end_block(ctx: Context, user_id: Id) -> None:
    """Let a blocked person write again; records `community.person_unblocked`. Raises Conflict for anybody else."""
    require(ctx.actor, Permission.COMMUNITY_MODERATE)
    queries.member(ctx, user_id, lock=True)
    block = queries.block_of(ctx, user_id)
    if block is None or not is_blocked(block, ctx.now):
        raise Conflict(_("This person is not blocked."))
    block.ends_at = ctx.now
    ctx.session.flush()
    record(ctx, "community.person_unblocked", block, user=str(user_id))


def _decide_reports(ctx: Context, post: CommunityPost) -> int:
    """Mark the open reports of *post* as decided; returns how many there were."""
    still_open = scope(ctx.actor, CommunityReport).where(
        CommunityReport.post_id == post.id, CommunityReport.decided_at.is_(None)
    )
    done = ctx.session.scalars(
        update(CommunityReport)
        .where(CommunityReport.id.in_(still_open.with_only_columns(CommunityReport.id)))
        .values(decided_at=ctx.now)
        .returning(CommunityReport.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
