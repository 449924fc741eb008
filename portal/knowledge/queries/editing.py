"""What editors see: every article with its state, versions, and the names for its audience."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, case, func, or_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.text import fold
from portal.knowledge.engine.audiences import PUBLISHED
from portal.knowledge.models import (
    HelpArticle,
    HelpArticleOrganization,
    HelpCategory,
    HelpText,
    HelpVersion,
    HelpVote,
)
from portal.knowledge.queries.reading import check_slug
from portal.tenants.models import Organization

SIZE = 50


def articles(
    ctx: Context,
    *,
    languages: Sequence[str],
    q: str = "",
    state: str = "",
    due_on: dt.date | None = None,
    missed: bool = False,
    category_id: Id | None = None,
    number: int = 1,
) -> Page[Row[Any]]:
    """Articles with the newest title in the first of *languages* that they have, the last changed first: (article,
    title, language). *due_on*: published ones that somebody should read again by that day. *missed*: those that did not
    help somebody."""
    preference = case({code: place for place, code in enumerate(languages)}, value=HelpVersion.language, else_=99)
    newest = (
        scope(ctx.actor, HelpVersion)
        .with_only_columns(HelpVersion.article_id, HelpVersion.title, HelpVersion.language)
        .ext(distinct_on(HelpVersion.article_id))
        .order_by(HelpVersion.article_id, preference, HelpVersion.language, HelpVersion.number.desc())
        .subquery()
    )
    rows = (
        scope(ctx.actor, HelpArticle)
        .join(newest, newest.c.article_id == HelpArticle.id)
        .add_columns(newest.c.title, newest.c.language)
        .options(joinedload(HelpArticle.category))
    )
    if state:
        rows = rows.where(HelpArticle.state == state)
    if due_on is not None:
        rows = rows.where(HelpArticle.state == PUBLISHED, HelpArticle.review_on <= due_on)
    if missed:
        unhelpful = scope(ctx.actor, HelpVote).where(HelpVote.helpful.is_(False))
        rows = rows.where(HelpArticle.id.in_(unhelpful.with_only_columns(HelpVote.article_id)))
    if category_id is not None:
        rows = rows.where(HelpArticle.category_id == category_id)
    for word in q.split()[:8]:
        rows = rows.where(func.folded(newest.c.title).contains(fold(word), autoescape=True))
    rows = rows.order_by(HelpArticle.changed_at.desc(), HelpArticle.id)
    return fetch_page_of(ctx.session, rows, number, SIZE, scalars=False)


def article(ctx: Context, slug: str, *, lock: bool = False) -> HelpArticle:
    """The visible article with *slug* in any state, with its category; NotFound otherwise."""
    options = [] if lock else [joinedload(HelpArticle.category)]
    return load(ctx, HelpArticle, HelpArticle.slug == check_slug(slug), lock=lock, options=options)


def newest_versions(ctx: Context, article: HelpArticle) -> Sequence[HelpVersion]:
    """The newest version of each language of *article*."""
    rows = (
        scope(ctx.actor, HelpVersion)
        .where(HelpVersion.article_id == article.id)
        .ext(distinct_on(HelpVersion.language))
        .order_by(HelpVersion.language, HelpVersion.number.desc())
    )
    return ctx.session.scalars(rows).all()


def newest_version(ctx: Context, article: HelpArticle, language: str) -> HelpVersion | None:
    """The newest version of *article* in *language*."""
    return next((row for row in newest_versions(ctx, article) if row.language == language), None)


def newest_title(ctx: Context, article: HelpArticle, languages: Sequence[str]) -> str:
    """The newest title of *article* in the first of *languages* that it has."""
    titles = {row.language: row.title for row in newest_versions(ctx, article)}
    return next((titles[code] for code in languages if code in titles), next(iter(titles.values()), article.slug))


def article_titles(ctx: Context, slugs: Collection[str]) -> dict[str, str]:
    """The newest titles of the visible articles among *slugs*, by slug. One statement."""
    rows = scope(ctx.actor, HelpVersion).join(HelpArticle, HelpArticle.id == HelpVersion.article_id)
    named = rows.where(HelpArticle.slug.in_(slugs)).with_only_columns(HelpArticle.slug, HelpVersion.title)
    newest = named.ext(distinct_on(HelpArticle.slug)).order_by(HelpArticle.slug, HelpVersion.created_at.desc())
    return {row[0]: row[1] for row in ctx.session.execute(newest)}


def versions(ctx: Context, article: HelpArticle, language: str, most: int = 100) -> Sequence[HelpVersion]:
    """The versions of *article* in *language*, the newest first."""
    rows = scope(ctx.actor, HelpVersion).where(HelpVersion.article_id == article.id, HelpVersion.language == language)
    return ctx.session.scalars(rows.order_by(HelpVersion.number.desc()).limit(most)).all()


def version(ctx: Context, article: HelpArticle, language: str, number: int) -> HelpVersion:
    """One version of *article*; NotFound for none."""
    return load(
        ctx,
        HelpVersion,
        HelpVersion.article_id == article.id,
        HelpVersion.language == language,
        HelpVersion.number == number,
    )


def published_numbers(ctx: Context, article: HelpArticle) -> Mapping[str, int]:
    """By language: the number of the version that readers see."""
    rows = scope(ctx.actor, HelpText).where(HelpText.article_id == article.id)
    return {row.language: row.number for row in ctx.session.scalars(rows)}


def named_organizations(ctx: Context, article: HelpArticle) -> Sequence[Organization]:
    """The organizations that *article* names, as far as the actor sees them, by name."""
    named = scope(ctx.actor, HelpArticleOrganization).where(HelpArticleOrganization.article_id == article.id)
    ids = named.with_only_columns(HelpArticleOrganization.organization_id)
    rows = scope(ctx.actor, Organization).where(Organization.id.in_(ids))
    return ctx.session.scalars(rows.order_by(Organization.name, Organization.id)).all()


def organizations_called(ctx: Context, names: Sequence[str]) -> Mapping[str, Sequence[Organization]]:
    """By each of *names*: the visible organizations with this name or address word, whatever the letter case."""
    asked = {name: name.lower() for name in names}
    lowered = list(asked.values())
    rows = scope(ctx.actor, Organization).where(
        or_(func.lower(Organization.name).in_(lowered), Organization.slug.in_(lowered))
    )
    found = ctx.session.scalars(rows.order_by(Organization.id)).all()
    return {
        name: [row for row in found if row.slug == low] or [row for row in found if row.name.lower() == low]
        for name, low in asked.items()
    }


def category(ctx: Context, slug: str, *, lock: bool = False) -> HelpCategory:
    """The visible category with *slug*; NotFound otherwise."""
    return load(ctx, HelpCategory, HelpCategory.slug == check_slug(slug), lock=lock)


def category_sizes(ctx: Context) -> Mapping[Id, int]:
    """By category: the number of its articles in any state."""
    counted = scope(ctx.actor, HelpArticle).with_only_columns(HelpArticle.category_id, func.count())
    return {row[0]: row[1] for row in ctx.session.execute(counted.group_by(HelpArticle.category_id))}
