"""Adding, changing and removing categories of articles."""

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.knowledge.actions.slugs import make_slug
from portal.knowledge.models import HelpArticle, HelpCategory


def add_category(ctx: Context, *, names: Mapping[str, str], position: int = 0) -> HelpCategory:
    """A heading for articles, with a name by language; records `article_category.added`. Raises Refused without a name
    in the provider's language."""
    require(ctx.actor, Permission.ARTICLE_PUBLISH)
    kept = _names(ctx, names)
    category = HelpCategory(
        provider_id=ctx.provider_id,
        slug=make_slug(ctx, HelpCategory, next(iter(kept.values()))),
        names=kept,
        position=position,
    )
    ctx.session.add(category)
    ctx.session.flush()
    record(ctx, "article_category.added", category, slug=category.slug)
    return category


def change_category(ctx: Context, category: HelpCategory, *, names: Mapping[str, str], position: int = 0) -> None:
    """Rename and move *category*; its address stays. Records `article_category.changed`."""
    require(ctx.actor, Permission.ARTICLE_PUBLISH)
    kept = _names(ctx, names)
    changed = {
        name: [old, new]
        for name, old, new in (("names", category.names, kept), ("position", category.position, position))
        if old != new
    }
    if changed:
        category.names, category.position = kept, position
        category.version += 1
        ctx.session.flush()
        record(ctx, "article_category.changed", category, slug=category.slug, changed=changed)


def remove_category(ctx: Context, category: HelpCategory) -> None:
    """Delete a category without articles; records `article_category.removed`. Conflict while it has any."""
    require(ctx.actor, Permission.ARTICLE_PUBLISH)
    if ctx.session.scalar(select(HelpArticle.id).where(HelpArticle.category_id == category.id).limit(1)):
        raise Conflict(_("There are still articles in this category. Move them first."))
    record(ctx, "article_category.removed", category, slug=category.slug)
    ctx.session.delete(category)
    ctx.session.flush()


def _names(ctx: Context, names: Mapping[str, str]) -> dict[str, str]:
    """The names that are not empty, the provider's language first."""
    own = str(ctx.provider.locale)
    if not names.get(own, "").strip():
        raise Refused(_("Write the name"), f"name_{own}")
    return {code: names[code].strip() for code in sorted(names, key=lambda code: code != own) if names[code].strip()}
