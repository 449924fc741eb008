"""Saying whether an article helped."""

from sqlalchemy.dialects.postgresql import insert

from portal.authz.scopes import load
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.events import record
from portal.knowledge.engine.audiences import PUBLISHED
from portal.knowledge.models import HelpArticle, HelpVote


def vote_on_article(ctx: Context, article: HelpArticle, *, helpful: bool, why: str = "") -> None:
    """Store what the signed-in reader says about *article*, instead of what they said before; *why* is kept only where
    it did not help. Records `article.voted`. NotFound for an article that the actor cannot read."""
    if not ctx.actor.is_contact or ctx.actor.user_id is None:
        raise NotFound
    row = load(ctx, HelpArticle, HelpArticle.id == article.id, HelpArticle.state == PUBLISHED)
    said = {"helpful": helpful, "why": "" if helpful else why, "voted_at": ctx.now}
    vote = insert(HelpVote).values(
        id=ids.new_id(), provider_id=ctx.provider_id, article_id=row.id, user_id=ctx.actor.user_id, **said
    )
    ctx.session.execute(vote.on_conflict_do_update(index_elements=["article_id", "user_id"], set_=said))
    record(ctx, "article.voted", row, slug=row.slug, helpful=helpful)
