"""Address words of categories and articles: made once from the first title, unique at the provider, never changed."""

from sqlalchemy import select

from portal.kernel.context import Context
from portal.kernel.text import slugify
from portal.knowledge.models import HelpArticle, HelpCategory

# Address words that pages below /help and /desk/help have.
TAKEN = frozenset({"articles", "categories", "feed", "new", "pictures", "search"})


def make_slug(ctx: Context, model: type[HelpArticle] | type[HelpCategory], title: str) -> str:
    """An address word made from *title* that no row of *model* has at this provider."""
    base = slugify(title) or ("article" if model is HelpArticle else "category")
    base = base[:56].strip("-")
    rows = select(model.slug).where(model.provider_id == ctx.provider_id, model.slug.startswith(base))
    taken = TAKEN.union(ctx.session.scalars(rows))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
