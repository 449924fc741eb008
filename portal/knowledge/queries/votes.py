"""What people said about articles."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func

from portal.authz.scopes import scope
from portal.kernel.context import Context
from portal.knowledge.models import HelpArticle, HelpVote

# The number of the newest words of readers that a page shows.
NEWEST = 20


@dataclass(frozen=True, slots=True)
class VoteFigures:
    """The numbers of people whom an article helped and did not help, and what those wrote, the newest first."""

    helped: int
    missed: int
    words: Sequence[HelpVote]


@dataclass(frozen=True, slots=True)
class HelpfulShare:
    """How many answers said that an article helped, of all answers."""

    helped: int
    given: int

    @property
    def percent(self) -> int:
        return round(100 * self.helped / self.given)


def helpful_share(ctx: Context, days: int) -> HelpfulShare | None:
    """What people said about all visible articles in the last *days* (0: ever); None if nobody said anything."""
    rows = scope(ctx.actor, HelpVote)
    if days:
        rows = rows.where(HelpVote.voted_at > ctx.now - dt.timedelta(days=days))
    counts = rows.with_only_columns(HelpVote.helpful, func.count()).group_by(HelpVote.helpful)
    found: dict[bool, int] = {row[0]: row[1] for row in ctx.session.execute(counts)}
    given = sum(found.values())
    return HelpfulShare(found.get(True, 0), given) if given else None


def own_vote(ctx: Context, article: HelpArticle) -> HelpVote | None:
    """What the actor said about *article*."""
    rows = scope(ctx.actor, HelpVote).where(HelpVote.article_id == article.id, HelpVote.user_id == ctx.actor.user_id)
    return ctx.session.scalars(rows.execution_options(populate_existing=True)).one_or_none()


def vote_figures(ctx: Context, article: HelpArticle) -> VoteFigures:
    """What people said about *article*, for editors."""
    rows = scope(ctx.actor, HelpVote).where(HelpVote.article_id == article.id)
    counts = rows.with_only_columns(HelpVote.helpful, func.count()).group_by(HelpVote.helpful)
    found: dict[bool, int] = {row[0]: row[1] for row in ctx.session.execute(counts)}
    words = rows.where(HelpVote.why != "").order_by(HelpVote.voted_at.desc(), HelpVote.id).limit(NEWEST)
    return VoteFigures(found.get(True, 0), found.get(False, 0), ctx.session.scalars(words).all())
