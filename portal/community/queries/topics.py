"""Topics and their posts, with the people behind them as the reader may see them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.community.models import (
    CommunityBlock,
    CommunityFollow,
    CommunityMember,
    CommunityPost,
    CommunityPostVersion,
    CommunityReport,
    CommunitySpace,
    CommunityTopic,
    CommunityVote,
)
from portal.community.rules import PostState
from portal.identity.models import User
from portal.kernel.actor import Id, Side
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.tokenizer import question_query
from portal.tenants.models import Contact, Organization

LIST_SIZE, POSTS_SIZE = 20, 50
# Search looks through the newest topics: full-text indexes are not used under row-level security.
MOST_SEARCHED, MOST_ANSWERS_SEARCHED = 5_000, 20_000
# The lists of customers, by name.
LISTS = ("newest", "unanswered", "solved", "mine", "following")


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote something, as the reader may see them: a name, or the number of a member. `organizations` and `real`
    are for staff only."""

    id: uuid.UUID
    name: str
    number: int
    is_staff: bool
    real: str = ""
    organizations: str = ""


def topic(ctx: Context, topic_id: Id, *, lock: bool = False) -> CommunityTopic:
    """One visible topic with its space; NotFound for missing and foreign alike."""
    if lock:
        load(ctx, CommunityTopic, CommunityTopic.id == topic_id, lock=True)
    options = [joinedload(CommunityTopic.space)]
    return load(ctx, CommunityTopic, CommunityTopic.id == topic_id, options=options, fresh=lock)


def post(ctx: Context, post_id: Id, *, lock: bool = False) -> CommunityPost:
    """One visible post with its topic; NotFound for missing and foreign alike. With *lock* both are locked, the topic
    first, as every writer does."""
    if lock:
        found = load(ctx, CommunityPost, CommunityPost.id == post_id)
        topic(ctx, found.topic_id, lock=True)
        load(ctx, CommunityPost, CommunityPost.id == post_id, lock=True)
    options = [joinedload(CommunityPost.topic).joinedload(CommunityTopic.space)]
    return load(ctx, CommunityPost, CommunityPost.id == post_id, options=options, fresh=lock)


def question_of(ctx: Context, row: CommunityTopic) -> CommunityPost:
    """The first post of *row*, with its topic."""
    options = [joinedload(CommunityPost.topic).joinedload(CommunityTopic.space)]
    return load(ctx, CommunityPost, CommunityPost.topic_id == row.id, CommunityPost.opens, options=options)


# -- lists ------------------------------------------------------------------------------------------------------------


def topics_page(
    ctx: Context, shown: str, *, q: str = "", space_id: Id | None = None, number: int = 1
) -> Page[CommunityTopic]:
    """One list of topics, the last written first. With *q* those with all its words in title and question, or in one
    answer, among the newest MOST_SEARCHED topics and MOST_ANSWERS_SEARCHED answers."""
    rows = _listed(ctx, shown)
    if space_id is not None:
        rows = rows.where(CommunityTopic.space_id == space_id)
    if q:
        words = question_query(q)
        if not words:
            return Page([], 1, LIST_SIZE, False)
        in_answers = scope(ctx.actor, CommunityTopic).where(CommunityTopic.id.in_(_answered_with(ctx, words)))
        found = _matching(rows, CommunityTopic.words, words).with_only_columns(CommunityTopic.id)
        rows = rows.where(
            or_(CommunityTopic.id.in_(found), CommunityTopic.id.in_(in_answers.with_only_columns(CommunityTopic.id)))
        )
    rows = rows.order_by(CommunityTopic.last_post_at.desc(), CommunityTopic.id.desc())
    return fetch_page_of(ctx.session, rows.options(joinedload(CommunityTopic.space)), number, LIST_SIZE)


def _listed(ctx: Context, shown: str) -> "Select[Any]":
    rows = scope(ctx.actor, CommunityTopic)
    match shown:
        case "unanswered":
            asked = CommunityTopic.author_side == str(Side.CONTACT)
            return rows.where(CommunityTopic.answered_at.is_(None), asked)
        case "solved":
            return rows.where(CommunityTopic.solved_at.is_not(None))
        case "mine":
            return rows.where(CommunityTopic.author_id == ctx.actor.user_id)
        case "following":
            own = scope(ctx.actor, CommunityFollow).with_only_columns(CommunityFollow.topic_id)
            return rows.where(CommunityTopic.id.in_(own))
        case _:
            return rows


def _matching(rows: "Select[Any]", column: Any, words: str) -> "Select[Any]":
    """Those of the newest MOST_SEARCHED of *rows* whose *column* matches the tsquery *words*."""
    newest = rows.order_by(CommunityTopic.last_post_at.desc(), CommunityTopic.id.desc()).limit(MOST_SEARCHED)
    near = newest.with_only_columns(CommunityTopic.id, column.label("tokens")).subquery()
    found = select(near.c.id).where(near.c.tokens.op("@@")(func.to_tsquery("simple", words)))
    return rows.where(CommunityTopic.id.in_(found))


def _answered_with(ctx: Context, words: str) -> "Select[Any]":
    """The ids of topics of which one of the newest MOST_ANSWERS_SEARCHED answers matches the tsquery *words*."""
    answers = scope(ctx.actor, CommunityPost).where(CommunityPost.state == PostState.SHOWN, ~CommunityPost.opens)
    newest = answers.order_by(CommunityPost.id.desc()).limit(MOST_ANSWERS_SEARCHED)
    near = newest.with_only_columns(CommunityPost.topic_id, CommunityPost.words.label("tokens")).subquery()
    return select(near.c.topic_id).where(near.c.tokens.op("@@")(func.to_tsquery("simple", words)))


def found_answers(ctx: Context, rows: Sequence[CommunityTopic], q: str) -> dict[uuid.UUID, CommunityPost]:
    """By topic: the first answer with all words of *q*, of those topics that have one."""
    words = question_query(q)
    if not words or not rows:
        return {}
    matching = scope(ctx.actor, CommunityPost).where(
        CommunityPost.state == PostState.SHOWN,
        ~CommunityPost.opens,
        CommunityPost.topic_id.in_([row.id for row in rows]),
        CommunityPost.words.op("@@")(func.to_tsquery("simple", words)),
    )
    first = matching.order_by(CommunityPost.topic_id, CommunityPost.id).ext(distinct_on(CommunityPost.topic_id))
    return {post.topic_id: post for post in ctx.session.scalars(first)}


def similar_topics(ctx: Context, words: str, most: int = 3) -> Sequence[CommunityTopic]:
    """Shown topics whose title has some of *words*, the last written first; short words do not count."""
    query = question_query(" ".join(word for word in words.split() if len(word) > 3), every=False)
    if not query:
        return []
    shown = scope(ctx.actor, CommunityTopic).where(CommunityTopic.state == PostState.SHOWN)
    rows = _matching(shown, CommunityTopic.title_words, query)
    return ctx.session.scalars(rows.order_by(CommunityTopic.last_post_at.desc()).limit(most)).all()


# -- one topic --------------------------------------------------------------------------------------------------------


def answers_page(ctx: Context, row: CommunityTopic, number: int = 1) -> Page[CommunityPost]:
    """The answers of *row* that the actor may read, the first first."""
    rows = scope(ctx.actor, CommunityPost).where(CommunityPost.topic_id == row.id, CommunityPost.opens.is_(False))
    return fetch_page_of(ctx.session, rows.order_by(CommunityPost.id), number, POSTS_SIZE)


def accepted_answer(ctx: Context, row: CommunityTopic) -> CommunityPost | None:
    """The accepted answer of *row*, wherever it stands in the list."""
    rows = scope(ctx.actor, CommunityPost).where(CommunityPost.topic_id == row.id, CommunityPost.accepted)
    return ctx.session.scalars(rows).one_or_none()


def authors_of(ctx: Context, rows: Sequence[Any]) -> dict[tuple[uuid.UUID, uuid.UUID], Author]:
    """By (topic or post, author): who wrote each of *rows*, topics with their space or posts with their topic's. In a
    space with numbers customers get no name of a customer, not even their own organization's."""
    if not rows:
        return {}
    found: dict[tuple[uuid.UUID, uuid.UUID], Author] = {}
    for model, kind in ((CommunityTopic, "topic"), (CommunityPost, "post")):
        chosen = [row for row in rows if isinstance(row, model)]
        if chosen:
            found |= _authors(ctx, model, chosen, is_topic=kind == "topic")
    if ctx.actor.is_staff:
        return _with_organizations(ctx, found)
    return found


def _authors(ctx: Context, model: Any, rows: Sequence[Any], *, is_topic: bool) -> dict[Any, Author]:
    statement = scope(ctx.actor, model).where(model.id.in_([row.id for row in rows]))
    if not is_topic:
        statement = statement.join(CommunityTopic, CommunityTopic.id == CommunityPost.topic_id)
    statement = (
        statement.join(CommunitySpace, CommunitySpace.id == CommunityTopic.space_id)
        .join(User, User.id == model.author_id)
        .join(
            CommunityMember,
            and_(CommunityMember.user_id == model.author_id, CommunityMember.provider_id == CommunitySpace.provider_id),
        )
        .with_only_columns(
            *(model.id, model.author_id, model.author_side),
            *(CommunitySpace.aliased, User.name.label("name"), CommunityMember.number),
        )
    )
    found = {}
    for row_id, author_id, side, aliased, name, number in ctx.session.execute(statement):
        is_staff = side == "staff"
        hidden = aliased and not is_staff
        found[row_id, author_id] = Author(
            author_id,
            "" if hidden else name,
            number if hidden else 0,
            is_staff,
            real=name if ctx.actor.is_staff or ctx.actor.is_system else "",
        )
    return found


def _with_organizations(ctx: Context, found: dict[Any, Author]) -> dict[Any, Author]:
    """*found* with the names of the organizations of customers, of those that the actor sees."""
    people = {author.id for author in found.values() if not author.is_staff}
    rows = (
        scope(ctx.actor, Organization)
        .join(Contact, Contact.organization_id == Organization.id)
        .where(Contact.user_id.in_(people), Contact.active)
        .with_only_columns(Contact.user_id, Organization.name)
        .order_by(Organization.name)
        .limit(1_000)
    )
    names: dict[uuid.UUID, list[str]] = {}
    for user_id, name in ctx.session.execute(rows):
        names.setdefault(user_id, []).append(name)
    return {
        key: Author(one.id, one.name, one.number, one.is_staff, one.real, ", ".join(names.get(one.id, ())))
        for key, one in found.items()
    }


def voted_posts(ctx: Context, posts: Sequence[CommunityPost]) -> frozenset[uuid.UUID]:
    """Those of *posts* that the actor found helpful."""
    own = scope(ctx.actor, CommunityVote).where(CommunityVote.post_id.in_([one.id for one in posts]))
    own = own.where(CommunityVote.user_id == ctx.actor.user_id)
    return frozenset(ctx.session.scalars(own.with_only_columns(CommunityVote.post_id)))


def reported_posts(ctx: Context, posts: Sequence[CommunityPost]) -> frozenset[uuid.UUID]:
    """Those of *posts* that the actor reported."""
    own = scope(ctx.actor, CommunityReport).where(CommunityReport.post_id.in_([one.id for one in posts]))
    own = own.where(CommunityReport.user_id == ctx.actor.user_id)
    return frozenset(ctx.session.scalars(own.with_only_columns(CommunityReport.post_id)))


def is_following(ctx: Context, row: CommunityTopic) -> bool:
    """Whether the actor follows *row*."""
    own = scope(ctx.actor, CommunityFollow).where(CommunityFollow.topic_id == row.id)
    own = own.where(CommunityFollow.user_id == ctx.actor.user_id)
    return ctx.session.scalar(own.with_only_columns(CommunityFollow.id)) is not None


def versions_of(ctx: Context, row: CommunityPost) -> Sequence[CommunityPostVersion]:
    """How *row* read before, the newest first; for its author and for staff."""
    rows = scope(ctx.actor, CommunityPostVersion).where(CommunityPostVersion.post_id == row.id)
    return ctx.session.scalars(rows.order_by(CommunityPostVersion.number.desc()).limit(100)).all()


def member(ctx: Context, user_id: Id, *, lock: bool = False) -> CommunityMember:
    """The member that this person is in the community; NotFound for somebody who never wrote there."""
    return load(ctx, CommunityMember, CommunityMember.user_id == user_id, lock=lock)


def block_of(ctx: Context, user_id: Id | None) -> CommunityBlock | None:
    """The last block of this person, also one that is over."""
    rows = scope(ctx.actor, CommunityBlock).where(CommunityBlock.user_id == user_id)
    return ctx.session.scalars(rows).one_or_none()


# -- what somebody wrote lately ---------------------------------------------------------------------------------------


def count_written(ctx: Context, since: dt.datetime, most: int) -> int:
    """How many posts and edits the actor made after *since*, up to *most*."""
    own = or_(CommunityPost.author_id == ctx.actor.user_id)
    posts = scope(ctx.actor, CommunityPost).where(own, CommunityPost.written_at > since)
    edits = scope(ctx.actor, CommunityPostVersion).where(
        CommunityPostVersion.author_id == ctx.actor.user_id, CommunityPostVersion.replaced_at > since
    )
    written = len(ctx.session.scalars(posts.with_only_columns(CommunityPost.id).limit(most)).all())
    return written + len(ctx.session.scalars(edits.with_only_columns(CommunityPostVersion.id).limit(most)).all())


def count_topics(ctx: Context, since: dt.datetime, most: int) -> int:
    """How many topics the actor started after *since*, up to *most*."""
    own = scope(ctx.actor, CommunityTopic).where(
        CommunityTopic.author_id == ctx.actor.user_id, CommunityTopic.created_at > since
    )
    return len(ctx.session.scalars(own.with_only_columns(CommunityTopic.id).limit(most)).all())


def count_reports(ctx: Context, since: dt.datetime, most: int) -> int:
    """How many reports the actor made after *since*, up to *most*."""
    own = scope(ctx.actor, CommunityReport).where(
        CommunityReport.user_id == ctx.actor.user_id, CommunityReport.made_at > since
    )
    return len(ctx.session.scalars(own.with_only_columns(CommunityReport.id).limit(most)).all())


def same_post(ctx: Context, since: dt.datetime, body: str, *, topic_id: Id | None = None) -> CommunityPost | None:
    """What the actor wrote after *since* with the same *body*: in this topic, or (None) as a question."""
    rows = scope(ctx.actor, CommunityPost).where(
        CommunityPost.author_id == ctx.actor.user_id, CommunityPost.written_at > since, CommunityPost.body == body
    )
    if topic_id is None:
        rows = rows.where(CommunityPost.opens)
    else:
        rows = rows.where(CommunityPost.topic_id == topic_id, CommunityPost.opens.is_(False))
    return ctx.session.scalars(rows.order_by(CommunityPost.id.desc()).limit(1)).one_or_none()
