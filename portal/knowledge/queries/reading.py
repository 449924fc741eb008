"""What readers see of published articles, each in the best of their languages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.actor import Actor, Id, Membership, nobody
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.tokenizer import question_query
from portal.knowledge.engine.audiences import PUBLISHED
from portal.knowledge.models import HelpArticle, HelpCategory, HelpText

Languages = Sequence[str]
LIST_SIZE = 50
# Shorter words of a subject ("the", "not") suggest nothing.
SHORTEST_WORD = 4
# The number of titles below each category on the first page.
TITLES = 3


def has_articles(ctx: Context) -> bool:
    """Whether there is a published article for the actor; cached until an article or its audience changes."""
    return cached_config(ctx, _for_audience, _has_articles)


def has_articles_for_everybody(ctx: Context) -> bool:
    """Whether there is a published article for everybody; cached like `has_articles`."""
    return cached_config(ctx, for_everybody, _has_articles)


def _for_audience(actor: Actor) -> Actor:
    """The part of *actor* that the scope of articles reads, so that equal readers share the answer."""
    places = {key: Membership(key, key, "", "", frozenset()) for key in sorted(actor.memberships)}
    roles = {row.role: replace(row, environment_id=None) for row in sorted(actor.access, key=lambda row: row.role)}
    access = tuple(replace(row, organization_id=_NONE, account_id=_NONE) for row in roles.values())
    return replace(
        actor, user_id=None, staff_id=None, name="", department_ids=frozenset(), memberships=places, access=access
    )


_NONE = Id(int=0)


def _has_articles(ctx: Context) -> bool:
    rows = scope(ctx.actor, HelpArticle).where(HelpArticle.state == PUBLISHED).limit(1)
    return ctx.session.scalar(select(rows.exists())) or False


def _preference(languages: Languages) -> ColumnElement[int]:
    """The place of a text's language among *languages*."""
    return case({code: place for place, code in enumerate(dict.fromkeys(languages))}, value=HelpText.language, else_=99)


def select_readable(actor: Actor, languages: Languages, *where: Any) -> Select[Any]:
    """A row of each published article whose text satisfies *where*, in the first of *languages* that it has."""
    articles = scope(actor, HelpArticle).where(HelpArticle.state == PUBLISHED).subquery()
    return (
        scope(actor, HelpText)
        .join(articles, articles.c.id == HelpText.article_id)
        .where(*where)
        .with_only_columns(
            *(HelpText.article_id, HelpText.language, HelpText.title, HelpText.summary, HelpText.published_at),
            *(HelpText.title_words, articles.c.slug, articles.c.category_id, articles.c.audience),
        )
        .ext(distinct_on(HelpText.article_id))
        .order_by(HelpText.article_id, _preference(languages), HelpText.language)
    )


def categories(ctx: Context) -> Sequence[HelpCategory]:
    """The visible categories in their order."""
    rows = scope(ctx.actor, HelpCategory).order_by(HelpCategory.position, HelpCategory.slug)
    return ctx.session.scalars(rows).all()


def category(ctx: Context, slug: str) -> HelpCategory:
    """The visible category with *slug*; NotFound otherwise."""
    return load(ctx, HelpCategory, HelpCategory.slug == check_slug(slug))


def first_titles(ctx: Context, languages: Languages) -> Mapping[Id, Sequence[Row[Any]]]:
    """By category: its first articles by title; each row has `total`, the number of articles in the category."""
    found = select_readable(ctx.actor, languages).subquery()
    place = func.row_number().over(partition_by=found.c.category_id, order_by=(found.c.title, found.c.article_id))
    total = func.count().over(partition_by=found.c.category_id)
    ranked = select(found, place.label("place"), total.label("total")).subquery()
    rows = ctx.session.execute(select(ranked).where(ranked.c.place <= TITLES).order_by(ranked.c.place)).all()
    titles: dict[Id, list[Row[Any]]] = {}
    for row in rows:
        titles.setdefault(row.category_id, []).append(row)
    return titles


def articles_in(ctx: Context, category_id: Id, languages: Languages, number: int = 1) -> Page[Row[Any]]:
    """The articles of a category by title."""
    found = select_readable(ctx.actor, languages).subquery()
    rows = select(found).where(found.c.category_id == category_id).order_by(found.c.title, found.c.article_id)
    return fetch_page_of(ctx.session, rows, number, LIST_SIZE, scalars=False)


def find_articles(
    ctx: Context, asked: str, languages: Languages, *, number: int = 1, size: int = 20, every: bool = True
) -> Page[Row[Any]]:
    """Articles whose text has the words *asked* (*every*: all of them), those with words in the title first."""
    words = question_query(asked, every=every)
    if not words:
        return Page([], 1, size, False)
    query = func.to_tsquery("simple", words)
    found = select_readable(ctx.actor, languages, HelpText.words.op("@@")(query)).subquery()
    # The vectors have no positions: the rank counts the words that match.
    rank = func.ts_rank(found.c.title_words, query)
    rows = select(found).order_by(rank.desc(), found.c.published_at.desc(), found.c.article_id)
    return fetch_page_of(ctx.session, rows, number, size, scalars=False)


def suggest_articles(ctx: Context, words: str, languages: Languages, most: int = 3) -> Sequence[Row[Any]]:
    """Articles whose title has some of *words*, those with the most of them first; short words do not count."""
    long_words = " ".join(word for word in words.split() if len(word) >= SHORTEST_WORD)
    query_text = question_query(long_words, every=False)
    if not query_text or not has_articles(ctx):
        return []
    query = func.to_tsquery("simple", query_text)
    found = select_readable(ctx.actor, languages, HelpText.title_words.op("@@")(query)).subquery()
    rank = func.ts_rank(found.c.title_words, query)
    rows = select(found).order_by(rank.desc(), found.c.published_at.desc(), found.c.article_id)
    return ctx.session.execute(rows.limit(most)).all()


def newest_for_everybody(ctx: Context, languages: Languages, most: int = 50) -> Sequence[Row[Any]]:
    """The articles that were published last, of those that are read before sign-in: the same for every reader."""
    found = select_readable(nobody(ctx.provider_id), languages).subquery()
    rows = select(found).order_by(found.c.published_at.desc(), found.c.article_id)
    return ctx.session.execute(rows.limit(most)).all()


def article(ctx: Context, slug: str) -> HelpArticle:
    """The visible article with *slug*, published or withdrawn, with its category; NotFound otherwise."""
    return load(ctx, HelpArticle, HelpArticle.slug == check_slug(slug), options=[joinedload(HelpArticle.category)])


def texts_of(ctx: Context, article: HelpArticle, languages: Languages) -> Sequence[HelpText]:
    """The published texts of *article*, the best language of the reader first."""
    rows = scope(ctx.actor, HelpText).where(HelpText.article_id == article.id)
    return ctx.session.scalars(rows.order_by(_preference(languages), HelpText.language)).all()


def published_row(ctx: Context, article_id: Id | None, languages: Languages) -> Row[Any] | None:
    """The article with this id as lists show it; None where there is none that the actor may read."""
    if article_id is None:
        return None
    return ctx.session.execute(select_readable(ctx.actor, languages, HelpText.article_id == article_id)).first()


def neighbors(ctx: Context, article: HelpArticle, languages: Languages, most: int = 5) -> Sequence[Row[Any]]:
    """Further articles of the same category, by title."""
    rows = select_readable(ctx.actor, languages, HelpText.article_id != article.id).subquery()
    near = select(rows).where(rows.c.category_id == article.category_id).order_by(rows.c.title, rows.c.article_id)
    return ctx.session.execute(near.limit(most)).all()


def check_slug(slug: str) -> str:
    """*slug* of an address; NotFound for what no slug can be."""
    if not slug.isascii() or not slug.replace("-", "").isalnum() or len(slug) > 70:
        raise NotFound
    return slug
