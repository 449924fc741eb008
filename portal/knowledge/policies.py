"""Who reads which article. `visible_articles` is the one scope: lists, pages, search, suggestions and counts start at
it, directly or through the scopes of categories and texts, which are made of it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.actor import Actor
from portal.knowledge.engine import audiences
from portal.knowledge.models import (
    HelpArticle,
    HelpArticleOrganization,
    HelpCategory,
    HelpMiss,
    HelpPicture,
    HelpRead,
    HelpReadCount,
    HelpText,
    HelpVersion,
    HelpVote,
)
from portal.tenants.models import Organization
from portal.tenants.policies import visible_organizations


def visible_articles(actor: Actor) -> "Select[Any]":
    """Staff who read articles: all, but those for named organizations only where they look after one of them.
    Everybody else: what is not a draft and has an audience that they belong to."""
    rows = select(HelpArticle).where(HelpArticle.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        if not can(actor, Permission.ARTICLE_READ):
            return scopes.select_nothing(rows)
        if actor.all_accounts:
            return rows
        return rows.where(or_(HelpArticle.audience != audiences.ORGANIZATIONS, _is_for_clients(actor)))
    return rows.where(HelpArticle.state != audiences.DRAFT, _admits(actor))


def _is_for_clients(actor: Actor) -> ColumnElement[bool]:
    """Whether the article names an organization that the staff member looks after."""
    clients = visible_organizations(actor).with_only_columns(Organization.id)
    named = select(HelpArticleOrganization.article_id).where(HelpArticleOrganization.organization_id.in_(clients))
    return HelpArticle.id.in_(named)


def _admits(actor: Actor) -> ColumnElement[bool]:
    """Whether the audience of the article includes *actor*, who is no staff here."""
    if not actor.is_contact:
        return HelpArticle.audience == audiences.EVERYBODY
    ways: list[ColumnElement[bool]] = [HelpArticle.audience.in_([audiences.EVERYBODY, audiences.SIGNED_IN])]
    if actor.memberships:
        own = HelpArticleOrganization.organization_id.in_(sorted(actor.memberships))
        named = select(HelpArticleOrganization.article_id).where(own)
        ways.append(and_(HelpArticle.audience == audiences.ORGANIZATIONS, HelpArticle.id.in_(named)))
    for role in sorted({row.role for row in actor.access}):
        holds = HelpArticle.roles.contains([role])
        ways.append(and_(HelpArticle.audience == audiences.ROLES, holds))
    return or_(*ways)


def visible_categories(actor: Actor) -> "Select[Any]":
    """Staff who read articles: all. Everybody else: those with a published article that they may read, so that a name
    tells nothing about articles for others."""
    rows = select(HelpCategory).where(HelpCategory.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        return rows if can(actor, Permission.ARTICLE_READ) else scopes.select_nothing(rows)
    published = visible_articles(actor).where(HelpArticle.state == audiences.PUBLISHED)
    return rows.where(HelpCategory.id.in_(published.with_only_columns(HelpArticle.category_id)))


def visible_texts(actor: Actor) -> "Select[Any]":
    """The published words of visible articles."""
    articles = visible_articles(actor).with_only_columns(HelpArticle.id)
    return select(HelpText).where(HelpText.provider_id == actor.provider_id, HelpText.article_id.in_(articles))


def visible_pictures(actor: Actor) -> "Select[Any]":
    """Staff who read articles: all of visible articles. Everybody else: those that a published text of a visible
    article shows."""
    rows = select(HelpPicture).where(HelpPicture.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    articles = visible_articles(actor)
    if not actor.is_staff:
        articles = articles.where(HelpArticle.state == audiences.PUBLISHED)
        rows = rows.where(HelpPicture.shown)
    return rows.where(HelpPicture.article_id.in_(articles.with_only_columns(HelpArticle.id)))


def visible_named_organizations(actor: Actor) -> "Select[Any]":
    """Which organizations articles name: of these, the ones that the actor sees."""
    rows = select(HelpArticleOrganization).where(HelpArticleOrganization.provider_id == actor.provider_id)
    organizations = visible_organizations(actor).with_only_columns(Organization.id)
    return rows.where(HelpArticleOrganization.organization_id.in_(organizations))


def visible_versions(actor: Actor) -> "Select[Any]":
    """Every version of visible articles, for staff who read articles. Customers see none, because drafts are here."""
    rows = select(HelpVersion).where(HelpVersion.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not actor.is_staff:
        return scopes.select_nothing(rows)
    return rows.where(HelpVersion.article_id.in_(visible_articles(actor).with_only_columns(HelpArticle.id)))


def visible_votes(actor: Actor) -> "Select[Any]":
    """Staff who read articles: those about visible articles. Everybody else: their own."""
    rows = select(HelpVote).where(HelpVote.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        return rows.where(HelpVote.article_id.in_(visible_articles(actor).with_only_columns(HelpArticle.id)))
    return rows.where(HelpVote.user_id == actor.user_id) if actor.is_contact else scopes.select_nothing(rows)


def visible_reads(actor: Actor) -> "Select[Any]":
    """Staff who read articles: those of visible articles. Everybody else: their own."""
    rows = select(HelpRead).where(HelpRead.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        return rows.where(HelpRead.article_id.in_(visible_articles(actor).with_only_columns(HelpArticle.id)))
    return rows.where(HelpRead.user_id == actor.user_id) if actor.is_contact else scopes.select_nothing(rows)


def visible_read_counts(actor: Actor) -> "Select[Any]":
    """Those of visible articles: they name nobody."""
    articles = visible_articles(actor).with_only_columns(HelpArticle.id)
    rows = select(HelpReadCount).where(HelpReadCount.provider_id == actor.provider_id)
    return rows.where(HelpReadCount.article_id.in_(articles))


def visible_misses(actor: Actor) -> "Select[Any]":
    """Staff who write articles for everybody's clients: all, because the words were asked of the whole help. Staff with
    some accounts: none, because a question may name another client. Everybody else: their own."""
    rows = select(HelpMiss).where(HelpMiss.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        return rows if actor.all_accounts and can(actor, Permission.ARTICLE_READ) else scopes.select_nothing(rows)
    return rows.where(HelpMiss.user_id == actor.user_id) if actor.is_contact else scopes.select_nothing(rows)


scopes.register_scope(HelpCategory, visible_categories)
scopes.register_scope(HelpArticle, visible_articles)
scopes.register_scope(HelpArticleOrganization, visible_named_organizations)
scopes.register_scope(HelpText, visible_texts)
scopes.register_scope(HelpPicture, visible_pictures)
scopes.register_scope(HelpVersion, visible_versions)
scopes.register_scope(HelpVote, visible_votes)
scopes.register_scope(HelpRead, visible_reads)
scopes.register_scope(HelpReadCount, visible_read_counts)
scopes.register_scope(HelpMiss, visible_misses)
