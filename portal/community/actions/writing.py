"""What people do with topics: ask, answer, correct, accept, find helpful, follow, report."""

import secrets

from flask_babel import gettext as _
from sqlalchemy import ARRAY, Text, delete, func, literal, select
from sqlalchemy.dialects.postgresql import TSVECTOR, insert

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.community.actions import clock, telling
from portal.community.models import (
    CommunityFollow,
    CommunityMember,
    CommunityPost,
    CommunityPostVersion,
    CommunityReport,
    CommunitySpace,
    CommunityTopic,
    CommunityVote,
)
from portal.community.queries import topics as queries
from portal.community.rules import (
    HOUR,
    MOST_POSTS,
    MOST_REPORTS,
    MOST_TOPICS,
    SAME_PRESS,
    PostState,
    is_blocked,
)
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, NotFound, Refused, TooMany
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.kernel.tokenizer import document_tokens


def start_topic(ctx: Context, space: CommunitySpace, *, title: str, body: str) -> CommunityTopic:
    """Ask a question in *space*; records `community.topic_started`. Its author follows it. What staff start is the word
    of support and waits for no answer. A second press of the same form returns the first topic. Raises Forbidden for
    somebody who is blocked, TooMany for one who asks too often."""
    require(ctx.actor, Permission.COMMUNITY_ANSWER if ctx.actor.is_staff else Permission.COMMUNITY_WRITE)
    if not space.active:
        raise NotFound
    member = _lock_member(ctx)
    earlier = queries.same_post(ctx, ctx.now - SAME_PRESS, body)
    if earlier is not None:
        again = queries.topic(ctx, earlier.topic_id)
        if (again.title, again.space_id) == (title, space.id):
            return again
    _check_may_write(ctx)
    if queries.count_topics(ctx, ctx.now - HOUR, MOST_TOPICS) >= MOST_TOPICS:
        raise _too_many()
    state = _first_state(ctx, space, member)
    topic = CommunityTopic(
        provider_id=ctx.provider_id,
        space_id=space.id,
        author_id=ctx.actor.user_id,
        author_side=str(ctx.actor.side),
        state=state,
        title=title,
        title_words=_vector(title),
        words=_vector(title, body),
        created_at=ctx.now,
        last_post_at=ctx.now,
    )
    ctx.session.add(topic)
    ctx.session.flush()
    post = _add_post(ctx, topic, body, state, opens=True, official=ctx.actor.is_staff)
    set_follow(ctx, topic, follows=True)
    refresh(ctx, topic)
    record(ctx, "community.topic_started", topic)
    if state == PostState.HELD:
        record(ctx, "community.held", topic, post=str(post.id))
    return topic


def write_answer(ctx: Context, topic: CommunityTopic, body: str, *, official: bool = False) -> CommunityPost:
    """Answer *topic*, which is locked; records `community.answered`, and tells its followers unless the answer waits
    for approval. *official* is the word of support, of staff only. A second press returns the first answer. Raises
    Forbidden for a closed topic and for somebody who is blocked, TooMany for one who writes too often."""
    if ctx.actor.is_staff:
        require(ctx.actor, Permission.COMMUNITY_ANSWER)
    else:
        require(ctx.actor, Permission.COMMUNITY_WRITE)
    member = _lock_member(ctx)
    earlier = queries.same_post(ctx, ctx.now - SAME_PRESS, body, topic_id=topic.id)
    if earlier is not None:
        return earlier
    _check_may_write(ctx)
    if topic.closed_at is not None or topic.state != PostState.SHOWN:
        raise Forbidden(
            _("This topic is closed.") if topic.closed_at is not None else _("This topic cannot be answered yet.")
        )
    state = _first_state(ctx, topic.space, member)
    post = _add_post(ctx, topic, body, state, official=official and ctx.actor.is_staff)
    refresh(ctx, topic)
    record(ctx, "community.answered", topic, post=str(post.id), official=post.official)
    if state == PostState.HELD:
        record(ctx, "community.held", topic, post=str(post.id))
    else:
        telling.tell_followers(ctx, post)
    return post


def may_edit(ctx: Context, post: CommunityPost) -> bool:
    """Whether the actor may correct *post*: their own text, written on this side, that nobody took away."""
    own = post.author_id == ctx.actor.user_id and post.author_side == str(ctx.actor.side)
    return own and post.state != PostState.HIDDEN and (ctx.actor.is_staff or can(ctx.actor, Permission.COMMUNITY_WRITE))


def edit_post(ctx: Context, post: CommunityPost, *, title: str, body: str) -> None:
    """Correct one's own *post*, which is locked, and for a question the title of its topic; what it said before stays
    as a version. Records `community.post_edited`. Raises Forbidden for the text of somebody else."""
    if not may_edit(ctx, post):
        raise Forbidden(_("Only its author can correct a text."))
    _lock_member(ctx)
    topic = post.topic
    title = title if post.opens else ""
    if (post.body, topic.title if post.opens else "") == (body, title):
        return
    _check_may_write(ctx)
    ctx.session.add(
        CommunityPostVersion(
            provider_id=ctx.provider_id,
            post_id=post.id,
            author_id=post.author_id,
            number=post.version,
            title=topic.title if post.opens else "",
            body=post.body,
            replaced_at=ctx.now,
        )
    )
    post.body, post.edited_at, post.version = body, ctx.now, post.version + 1
    if post.opens:
        topic.title, topic.title_words, topic.words = title, _vector(title), _vector(title, body)
    else:
        post.words = _vector(body)
    ctx.session.flush()
    record(ctx, "community.post_edited", topic, post=str(post.id), number=post.version)


def may_accept(ctx: Context, topic: CommunityTopic) -> bool:
    """Whether the actor may say which answer solved *topic*: who asked, and staff who answer."""
    if ctx.actor.is_staff:
        return can(ctx.actor, Permission.COMMUNITY_ANSWER)
    return topic.author_id == ctx.actor.user_id and can(ctx.actor, Permission.COMMUNITY_WRITE)


def set_accepted(ctx: Context, post: CommunityPost, *, accepted: bool) -> None:
    """Mark *post*, which is locked, as the answer that solved its topic, instead of any other, or take that back;
    records `community.answer_accepted` or `community.acceptance_removed`. Raises Forbidden for anybody else, and
    Conflict for a question or a text that is not shown."""
    topic = post.topic
    if not may_accept(ctx, topic):
        raise Forbidden(_("Whoever asked, and support, decide which answer solved it."))
    if post.opens or post.state != PostState.SHOWN:
        raise Conflict(_("Only an answer that everybody reads can be accepted."))
    if post.accepted == accepted:
        return
    former = queries.accepted_answer(ctx, topic)
    if former is not None and accepted:
        former.accepted = False
        ctx.session.flush()
    post.accepted = accepted
    refresh(ctx, topic)
    record(
        ctx,
        "community.answer_accepted" if accepted else "community.acceptance_removed",
        topic,
        post=str(post.id),
    )


def set_helpful(ctx: Context, post: CommunityPost, *, helpful: bool) -> None:
    """Count the actor among those who found *post*, which is locked, helpful, once, or no longer. Raises Conflict for
    one's own text, Forbidden for somebody who may not write here."""
    if not ctx.actor.is_contact or not can(ctx.actor, Permission.COMMUNITY_WRITE):
        raise Forbidden
    if post.author_id == ctx.actor.user_id:
        raise Conflict(_("This is your own text."))
    if post.state != PostState.SHOWN:
        raise NotFound
    if helpful:
        vote = {"id": ids.new_id(), "provider_id": ctx.provider_id, "post_id": post.id, "user_id": ctx.actor.user_id}
        ctx.session.execute(insert(CommunityVote).values(**vote).on_conflict_do_nothing())
    else:
        own = CommunityVote.user_id == ctx.actor.user_id
        ctx.session.execute(delete(CommunityVote).where(CommunityVote.post_id == post.id, own))
    with as_system(ctx) as inner:
        votes = select(func.count()).select_from(
            scope(inner.actor, CommunityVote).where(CommunityVote.post_id == post.id).subquery()
        )
        post.helpful = inner.session.scalar(votes) or 0
        inner.session.flush()


def set_follow(ctx: Context, topic: CommunityTopic, *, follows: bool) -> None:
    """Tell the actor of answers to *topic*, or stop it."""
    if follows:
        row = {"id": ids.new_id(), "provider_id": ctx.provider_id, "topic_id": topic.id, "user_id": ctx.actor.user_id}
        ctx.session.execute(insert(CommunityFollow).values(**row).on_conflict_do_nothing())
        return
    own = CommunityFollow.user_id == ctx.actor.user_id
    ctx.session.execute(delete(CommunityFollow).where(CommunityFollow.topic_id == topic.id, own))


def report_post(ctx: Context, post: CommunityPost, why: str) -> None:
    """Tell support what is wrong with *post*, once a person; records `community.reported`, which names nobody but the
    topic. Raises Conflict for one's own text, TooMany for one who reports too often, Refused without a word why."""
    if not ctx.actor.is_contact or not can(ctx.actor, Permission.COMMUNITY_WRITE):
        raise Forbidden
    if post.author_id == ctx.actor.user_id:
        raise Conflict(_("This is your own text. You can correct it."))
    if not why:
        raise Refused(_("Write what is wrong with it"), "why")
    if queries.count_reports(ctx, ctx.now - HOUR, MOST_REPORTS) >= MOST_REPORTS:
        raise _too_many()
    row = insert(CommunityReport).values(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        post_id=post.id,
        user_id=ctx.actor.user_id,
        why=why,
        made_at=ctx.now,
    )
    stored = ctx.session.scalar(row.on_conflict_do_nothing().returning(CommunityReport.id))
    if stored is None:
        raise Conflict(_("You have reported this already."))
    record(ctx, "community.reported", post.topic, post=str(post.id))


def refresh(ctx: Context, topic: CommunityTopic) -> None:
    """Work out what *topic*, which is locked or new, says of its posts, and start or end its time."""
    ctx.session.flush()
    with as_system(ctx) as inner:
        rows = scope(inner.actor, CommunityPost).where(CommunityPost.topic_id == topic.id)
        shown = rows.where(CommunityPost.state == PostState.SHOWN, CommunityPost.opens.is_(False))
        figures = shown.with_only_columns(
            func.count(),
            func.max(CommunityPost.written_at),
            func.min(CommunityPost.written_at).filter(CommunityPost.official),
            func.bool_or(CommunityPost.accepted),
        )
        answers, last_at, official_at, is_solved = inner.session.execute(figures).one()
        state = inner.session.scalar(rows.where(CommunityPost.opens).with_only_columns(CommunityPost.state))
        topic.state = state or topic.state
        if topic.state == PostState.SHOWN and topic.shown_at is None:
            topic.shown_at = ctx.now
        topic.answers, topic.last_post_at = answers, max(last_at or topic.created_at, topic.created_at)
        topic.official_at = official_at
        topic.solved_at = (topic.solved_at or ctx.now) if is_solved else None
        topic.answered_at = min((at for at in (topic.official_at, topic.solved_at) if at is not None), default=None)
        topic.version += 1
        space = inner.session.scalars(scope(inner.actor, CommunitySpace).where(CommunitySpace.id == topic.space_id))
        clock.plan(inner, topic, space.one())
        inner.session.flush()


# -- parts ------------------------------------------------------------------------------------------------------------


def _lock_member(ctx: Context) -> CommunityMember:
    """The actor as a member, locked until the commit, so that what they wrote is counted one after the other."""
    while True:
        row = {
            "id": ids.new_id(),
            "provider_id": ctx.provider_id,
            "user_id": ctx.actor.user_id,
            "number": 100_000 + secrets.randbelow(900_000),
        }
        # A number that somebody else has is no row: another one is drawn.
        ctx.session.execute(insert(CommunityMember).values(**row).on_conflict_do_nothing())
        with as_system(ctx) as inner:
            found = inner.session.scalars(
                scope(inner.actor, CommunityMember)
                .where(CommunityMember.user_id == ctx.actor.user_id)
                .with_for_update()
                .execution_options(populate_existing=True)
            ).one_or_none()
        if found is not None:
            return found


def _check_may_write(ctx: Context) -> None:
    block = queries.block_of(ctx, ctx.actor.user_id)
    if block is not None and is_blocked(block, ctx.now):
        raise Forbidden(_("You cannot write in the community at present: %(why)s", why=block.why))
    if queries.count_written(ctx, ctx.now - HOUR, MOST_POSTS) >= MOST_POSTS:
        raise _too_many()


def _too_many() -> TooMany:
    return TooMany(_("You have written a lot within an hour. Wait a while, then go on."), int(HOUR.total_seconds()))


def _first_state(ctx: Context, space: CommunitySpace, member: CommunityMember) -> PostState:
    """Whether what *member* writes now is shown, or waits for approval because nothing of theirs was approved yet."""
    is_held = space.holds_first and ctx.actor.is_contact and member.approved_at is None
    return PostState.HELD if is_held else PostState.SHOWN


def _add_post(
    ctx: Context, topic: CommunityTopic, body: str, state: PostState, *, opens: bool = False, official: bool = False
) -> CommunityPost:
    post = CommunityPost(
        provider_id=ctx.provider_id,
        topic_id=topic.id,
        author_id=ctx.actor.user_id,
        author_side=str(ctx.actor.side),
        opens=opens,
        state=state,
        body=body,
        words=_vector() if opens else _vector(body),
        official=official,
        written_at=ctx.now,
    )
    ctx.session.add(post)
    ctx.session.flush()
    return post


def _vector(*texts: str) -> str:
    vector: str = func.array_to_tsvector(literal(document_tokens(*texts), ARRAY(Text())), type_=TSVECTOR)  # type: ignore[assignment]
    return vector
