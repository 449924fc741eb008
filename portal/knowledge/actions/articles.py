"""Writing, publishing and withdrawing articles, and choosing who reads them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ARRAY, Text, delete, func, literal, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.tokenizer import document_tokens
from portal.knowledge.actions.pictures import delete_all_pictures, show_named_pictures
from portal.knowledge.actions.slugs import make_slug
from portal.knowledge.engine import audiences
from portal.knowledge.engine.redaction import find_marks
from portal.knowledge.models import HelpArticle, HelpArticleOrganization, HelpCategory, HelpText, HelpVersion
from portal.knowledge.queries.editing import named_organizations, newest_version, published_numbers
from portal.tenants.models import Organization


@dataclass(frozen=True, slots=True)
class ArticleWords:
    """The words of an article in one language."""

    title: str
    summary: str
    body: str


@dataclass(frozen=True, slots=True)
class ArticleSettings:
    """Where an article stands, who reads it, and when somebody should read it again."""

    category: HelpCategory
    audience: str = audiences.STAFF
    organizations: Sequence[Organization] = ()
    roles: Sequence[str] = field(default=())
    review_on: dt.date | None = None


def add_article(ctx: Context, settings: ArticleSettings, language: str, words: ArticleWords) -> HelpArticle:
    """Store a draft with its first version; records `article.added`. Raises Refused for an audience that names
    nobody."""
    require(ctx.actor, Permission.ARTICLE_WRITE)
    _check_audience(settings)
    article = HelpArticle(
        provider_id=ctx.provider_id,
        category_id=settings.category.id,
        slug=make_slug(ctx, HelpArticle, words.title),
        state=audiences.DRAFT,
        audience=settings.audience,
        roles=_roles(settings),
        review_on=settings.review_on,
        author_id=ctx.actor.user_id,
        author_name=ctx.actor.name,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.session.add(article)
    ctx.session.flush()
    _name_organizations(ctx, article, settings)
    _add_version(ctx, article, language, words, 1)
    record(ctx, "article.added", article, slug=article.slug, language=language)
    return article


def save_words(ctx: Context, article: HelpArticle, language: str, words: ArticleWords) -> HelpVersion:
    """Store *words* as the newest version of *article* in *language*; readers see it once it is published. Records
    `article.text_saved`. Words that change nothing make no version."""
    require(ctx.actor, Permission.ARTICLE_WRITE)
    before = newest_version(ctx, article, language)
    if before is not None and ArticleWords(before.title, before.summary, before.body) == words:
        return before
    version = _add_version(ctx, article, language, words, before.number + 1 if before else 1)
    _touch(ctx, article)
    record(ctx, "article.text_saved", article, slug=article.slug, language=language, number=version.number)
    return version


def change_settings(ctx: Context, article: HelpArticle, settings: ArticleSettings) -> None:
    """Set where *article* stands and who reads it, at once; records `article.changed` with old and new values.

    Organizations that the actor does not see stay named. Raises Refused for an audience that names nobody, and for a
    published article Forbidden without the permission to publish."""
    require(ctx.actor, Permission.ARTICLE_WRITE)
    if article.state != audiences.DRAFT:
        require(ctx.actor, Permission.ARTICLE_PUBLISH)
    before = {
        "category": str(article.category_id),
        "audience": article.audience,
        "roles": sorted(article.roles),
        "organizations": sorted(row.slug for row in named_organizations(ctx, article)),
        "review_on": str(article.review_on or ""),
    }
    _check_audience(settings)
    article.category_id, article.audience = settings.category.id, settings.audience
    article.roles, article.review_on = _roles(settings), settings.review_on
    _name_organizations(ctx, article, settings)
    after = {
        "category": str(settings.category.id),
        "audience": settings.audience,
        "roles": sorted(article.roles),
        "organizations": sorted(row.slug for row in named_organizations(ctx, article)),
        "review_on": str(settings.review_on or ""),
    }
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if changed:
        _touch(ctx, article)
        record(ctx, "article.changed", article, slug=article.slug, changed=changed)


def publish_article(ctx: Context, article: HelpArticle, language: str) -> HelpText:
    """Show the newest version in *language* to the audience of *article*; records `article.published`.

    A withdrawn article is published again. Conflict where there is no version, where it has marks of removed words, or
    where readers see it already.
    """
    require(ctx.actor, Permission.ARTICLE_PUBLISH)
    version = newest_version(ctx, article, language)
    if version is None:
        raise Conflict(_("There is no text in this language yet."))
    if marks := find_marks(version.title, version.summary, version.body):
        raise Conflict(
            _("The text still has marks of removed words: %(marks)s. Edit it first.", marks=", ".join(marks))
        )
    if article.state == audiences.PUBLISHED and published_numbers(ctx, article).get(language) == version.number:
        raise Conflict(_("Readers see the newest version already."))
    rows = select(HelpText).where(HelpText.article_id == article.id, HelpText.language == language)
    text = ctx.session.scalars(rows).one_or_none()
    if text is None:
        text = HelpText(provider_id=ctx.provider_id, article_id=article.id, language=language)
        ctx.session.add(text)
    text.number, text.title, text.summary, text.body = version.number, version.title, version.summary, version.body
    text.title_words = _vector(version.title)
    text.words = _vector(version.title, version.summary, version.body)
    text.published_at = ctx.now
    article.state, article.withdrawn_at, article.replaced_by_id = audiences.PUBLISHED, None, None
    _touch(ctx, article)
    show_named_pictures(ctx, article)
    record(ctx, "article.published", article, slug=article.slug, language=language, number=version.number)
    return text


def withdraw_article(ctx: Context, article: HelpArticle, replacement: HelpArticle | None = None) -> None:
    """Take *article* from its readers: its address says so and leads to *replacement*. Records `article.withdrawn`.

    Conflict unless it is published; Refused if it would replace itself.
    """
    require(ctx.actor, Permission.ARTICLE_PUBLISH)
    if article.state != audiences.PUBLISHED:
        raise Conflict(_("Only a published article can be withdrawn."))
    if replacement is not None and replacement.id == article.id:
        raise Refused(_("Choose another article, or none"), "replacement")
    article.state, article.withdrawn_at = audiences.WITHDRAWN, ctx.now
    article.replaced_by_id = replacement.id if replacement else None
    _touch(ctx, article)
    record(ctx, "article.withdrawn", article, slug=article.slug)


def delete_article(ctx: Context, article: HelpArticle) -> None:
    """Delete a draft that nobody ever could read; records `article.deleted`. Conflict for any other article, because
    people may have its address."""
    require(ctx.actor, Permission.ARTICLE_WRITE)
    if article.state != audiences.DRAFT:
        raise Conflict(_("Readers know this article. Withdraw it instead."))
    record(ctx, "article.deleted", article, slug=article.slug)
    delete_all_pictures(ctx, article)
    ctx.session.delete(article)
    ctx.session.flush()


def _check_audience(settings: ArticleSettings) -> None:
    if settings.audience not in audiences.AUDIENCES:
        raise Refused(_("Choose one of the answers shown"), "audience")
    if settings.audience == audiences.ORGANIZATIONS and not settings.organizations:
        raise Refused(_("Write the name of at least one client"), "organizations")
    if settings.audience == audiences.ROLES and not _roles(settings):
        raise Refused(_("Choose at least one"), "roles")


def _roles(settings: ArticleSettings) -> list[Any]:
    return sorted(set(settings.roles) & set(map(str, ContactRole))) if settings.audience == audiences.ROLES else []


def _name_organizations(ctx: Context, article: HelpArticle, settings: ArticleSettings) -> None:
    """Let *article* name exactly the organizations of *settings*, of those that the actor sees."""
    wanted = settings.organizations if settings.audience == audiences.ORGANIZATIONS else ()
    chosen, present = {row.id for row in wanted}, {row.id for row in named_organizations(ctx, article)}
    gone = present - chosen
    if gone:
        named = HelpArticleOrganization
        ctx.session.execute(delete(named).where(named.article_id == article.id, named.organization_id.in_(gone)))
    ctx.session.add_all(
        HelpArticleOrganization(provider_id=ctx.provider_id, article_id=article.id, organization_id=organization_id)
        for organization_id in sorted(chosen - present)
    )
    ctx.session.flush()


def _add_version(ctx: Context, article: HelpArticle, language: str, words: ArticleWords, number: int) -> HelpVersion:
    version = HelpVersion(
        provider_id=ctx.provider_id,
        article_id=article.id,
        language=language,
        number=number,
        title=words.title,
        summary=words.summary,
        body=words.body,
        author_id=ctx.actor.user_id,
        author_name=ctx.actor.name,
        created_at=ctx.now,
    )
    ctx.session.add(version)
    ctx.session.flush()
    return version


def _touch(ctx: Context, article: HelpArticle) -> None:
    article.changed_at = ctx.now
    article.version += 1
    ctx.session.flush()


def _vector(*texts: str) -> Any:
    return func.array_to_tsvector(literal(document_tokens(*texts), ARRAY(Text())), type_=TSVECTOR)
