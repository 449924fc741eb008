"""Drafts of articles that are made from texts of others: with marks in place of what names somebody."""

from collections.abc import Iterable, Sequence

from portal.kernel.context import Context
from portal.knowledge.actions.articles import ArticleSettings, ArticleWords, add_article
from portal.knowledge.engine import audiences
from portal.knowledge.engine.redaction import redact
from portal.knowledge.models import HelpArticle, HelpCategory

_LONGEST_TITLE, _LONGEST_BODY = 140, 50_000


def add_redacted_draft(
    ctx: Context,
    category: HelpCategory,
    language: str,
    *,
    title: str,
    parts: Sequence[tuple[str, str]],
    names: Iterable[str],
) -> HelpArticle:
    """A draft for staff with *title* and *parts* (heading, text). *names*, addresses and numbers become marks, and a
    text with marks cannot be published."""
    known = list(names)
    body = "\n\n".join(f"## {heading}\n{text}" for heading, text in parts if text)
    words = ArticleWords(redact(title, known)[:_LONGEST_TITLE], "", redact(body, known)[:_LONGEST_BODY])
    settings = ArticleSettings(category=category, audience=audiences.STAFF)
    return add_article(ctx, settings, language, words)
