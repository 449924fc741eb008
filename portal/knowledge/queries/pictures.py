"""The pictures of articles, under the scope of their audience."""

from collections.abc import Sequence

from portal.authz.scopes import load, scope
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.knowledge.models import HelpArticle, HelpPicture
from portal.knowledge.queries.reading import check_slug


def pictures(ctx: Context, article: HelpArticle) -> Sequence[HelpPicture]:
    """The visible pictures of *article*, by key."""
    rows = scope(ctx.actor, HelpPicture).where(HelpPicture.article_id == article.id)
    return ctx.session.scalars(rows.order_by(HelpPicture.key)).all()


def picture(ctx: Context, slug: str, key: str) -> HelpPicture:
    """The visible picture *key* of the article with *slug*; NotFound otherwise."""
    if not key.isascii() or not key.replace("-", "").isalnum() or len(key) > 64:
        raise NotFound
    of_article = HelpPicture.article_id.in_(
        scope(ctx.actor, HelpArticle).where(HelpArticle.slug == check_slug(slug)).with_only_columns(HelpArticle.id)
    )
    return load(ctx, HelpPicture, of_article, HelpPicture.key == key)
