"""An answer as the draft of a help article: for staff only, with marks instead of names, never published by itself."""

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.community.models import CommunityPost
from portal.community.queries import topics as queries
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.knowledge.actions.drafts import add_redacted_draft
from portal.knowledge.models import HelpArticle, HelpCategory


def make_article(ctx: Context, post: CommunityPost, category: HelpCategory, language: str) -> HelpArticle:
    """The draft of an article about the topic of *post*, an answer, with both texts; records
    `community.made_article`. Raises Conflict for a question."""
    require(ctx.actor, Permission.ARTICLE_WRITE)
    require(ctx.actor, Permission.COMMUNITY_READ)
    if post.opens:
        raise Conflict(_("Choose an answer."))
    question = queries.question_of(ctx, post.topic)
    authors = queries.authors_of(ctx, [question, post]).values()
    names = [name for one in authors for name in (one.real, *one.organizations.split(", ")) if name]
    article = add_redacted_draft(
        ctx,
        category,
        language,
        title=post.topic.title,
        parts=[(_("What happens"), question.body), (_("What helps"), post.body)],
        names=names,
    )
    record(ctx, "community.made_article", post.topic, post=str(post.id), slug=article.slug)
    return article
