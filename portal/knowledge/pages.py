"""The drafts of help articles, as lists of drafts name them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.knowledge.queries.editing import article_titles
from portal.web.drafts import DraftKind


def _new_articles(context: Context, addresses: Sequence[Mapping[str, Any]]) -> list[str | None]:
    return ["" if can(context.actor, Permission.ARTICLE_WRITE) else None for _address in addresses]


def _articles(context: Context, addresses: Sequence[Mapping[str, Any]]) -> list[str | None]:
    may = can(context.actor, Permission.ARTICLE_WRITE)
    titles = article_titles(context, [address["article"] for address in addresses]) if may else {}
    return [titles.get(address["article"]) for address in addresses]


def _article_name(_fields: object) -> str:
    return _("Help article")


ARTICLE_DRAFTS = {
    "knowledge.new_article": DraftKind(_article_name, _new_articles),
    "knowledge.words": DraftKind(_article_name, _articles),
}
