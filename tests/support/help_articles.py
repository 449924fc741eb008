"""Help articles for the tests: one for each audience, and short ways to make further ones."""

from collections.abc import Sequence
from typing import Any

from portal.kernel.ids import new_id
from portal.kernel.storage import storage
from portal.knowledge.actions import articles as actions
from portal.knowledge.actions import categories as category_actions
from portal.knowledge.actions.articles import ArticleSettings, ArticleWords
from portal.knowledge.models import HelpArticle, HelpCategory, HelpPicture
from portal.tenants.models import Organization

# Who reads what `add_every_audience` makes, of the people of Northwind: the portal's side.
READERS = {
    "everybody": {"rita", "mel", "cora", "olga", "gil", "gina", "ana", "nobody"},
    "signed-in": {"rita", "mel", "cora", "olga", "gil", "gina", "ana"},
    "acme": {"rita", "mel", "cora", "olga"},
    "globex": {"gil", "gina"},
    "administrators": {"olga", "gina"},
    "staff": set(),
    "draft": set(),
}


def add_category(ctx: Any, name: str = "First steps", position: int = 0) -> HelpCategory:
    """A category with this name in English."""
    return category_actions.add_category(ctx, names={"en": name}, position=position)


def add_article(
    ctx: Any,
    category: HelpCategory,
    title: str,
    *,
    audience: str = "everybody",
    organizations: Sequence[Organization] = (),
    roles: Sequence[str] = (),
    body: str = "Open the settings.",
    summary: str = "",
    language: str = "en",
    published: bool = True,
    pictures: Sequence[str] = (),
) -> HelpArticle:
    """An article with this title, published unless told otherwise, with *pictures* (keys) that its *body* may name."""
    settings = ArticleSettings(category=category, audience=audience, organizations=organizations, roles=roles)
    article = actions.add_article(ctx, settings, language, ArticleWords(title, summary, body))
    for key in pictures:
        row = HelpPicture(
            id=new_id(),
            provider_id=ctx.provider_id,
            article_id=article.id,
            key=key,
            width=40,
            height=30,
            added_at=ctx.now,
        )
        storage().write(row.storage_name, [f"picture of {title}".encode()])
        ctx.session.add(row)
        ctx.session.flush()
    if published:
        actions.publish_article(ctx, article, language)
    return article


def add_every_audience(
    ctx: Any, organizations: dict[str, Organization], *, title: str = "Guide", shelf: str = "Shelf"
) -> dict[str, HelpArticle]:
    """An article for each audience, each in a category of its own, by the keys of READERS; *organizations* has 'acme'
    and 'globex', or one of them. Every text has the word `zebra` and its key."""
    made = {}
    plans: dict[str, dict[str, Any]] = {
        "everybody": {"audience": "everybody"},
        "signed-in": {"audience": "signed_in"},
        **{key: {"audience": "organizations", "organizations": [row]} for key, row in organizations.items()},
        "administrators": {"audience": "roles", "roles": ["organization_admin"]},
        "staff": {"audience": "staff"},
        "draft": {"audience": "everybody", "published": False},
    }
    for key, plan in plans.items():
        category = add_category(ctx, f"{shelf} {key}")
        made[key] = add_article(
            ctx, category, f"{title} {key}", body=f"zebra secret-{key}\n\n![](shot)", pictures=["shot"], **plan
        )
    return made
