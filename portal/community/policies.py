"""Who sees which space. `visible_spaces` is the one scope that reads the audience: lists, pages, search, suggestions,
counts and notifications start at it, through the scopes of topics and posts, which are made of it."""

from typing import Any

from sqlalchemy import Select, and_, or_, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.community.models import (
    CommunityBlock,
    CommunityFollow,
    CommunityMember,
    CommunityPost,
    CommunityPostVersion,
    CommunityReport,
    CommunitySpace,
    CommunitySpaceOrganization,
    CommunityTopic,
    CommunityVote,
    CommunityWatch,
)
from portal.community.rules import PostState
from portal.kernel.actor import Actor
from portal.tenants.models import Organization
from portal.tenants.policies import visible_organizations


def visible_spaces(actor: Actor) -> "Select[Any]":
    """Customers: active spaces for everybody or for an organization of theirs. Staff: all, but those for named
    organizations only where they look after one of them; whoever configures the provider sees every space."""
    rows = select(CommunitySpace).where(CommunitySpace.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        if can(actor, Permission.PROVIDER_CONFIGURE) or (actor.all_accounts and _reads(actor)):
            return rows
        return rows.where(_is_for_clients(actor)) if _reads(actor) else scopes.select_nothing(rows)
    if not actor.is_contact or not actor.memberships:
        return scopes.select_nothing(rows)
    own = CommunitySpaceOrganization.organization_id.in_(sorted(actor.memberships))
    named = select(CommunitySpaceOrganization.space_id).where(own)
    return rows.where(CommunitySpace.active, or_(CommunitySpace.everybody, CommunitySpace.id.in_(named)))


def _reads(actor: Actor) -> bool:
    return can(actor, Permission.COMMUNITY_READ)


def _is_for_clients(actor: Actor) -> Any:
    """Whether the space is for everybody, or names an organization that the staff member looks after."""
    clients = visible_organizations(actor).with_only_columns(Organization.id)
    named = select(CommunitySpaceOrganization.space_id).where(CommunitySpaceOrganization.organization_id.in_(clients))
    return or_(CommunitySpace.everybody, CommunitySpace.id.in_(named))


def visible_topics(actor: Actor) -> "Select[Any]":
    """Topics of visible spaces: customers what is shown and their own, staff who read the community everything."""
    rows = select(CommunityTopic).where(CommunityTopic.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff and not _reads(actor):
        return scopes.select_nothing(rows)
    spaces = visible_spaces(actor).with_only_columns(CommunitySpace.id)
    rows = rows.where(CommunityTopic.space_id.in_(spaces))
    if actor.is_staff:
        return rows
    return rows.where(or_(CommunityTopic.state == PostState.SHOWN, CommunityTopic.author_id == actor.user_id))


def visible_posts(actor: Actor) -> "Select[Any]":
    """Posts of visible topics: customers what is shown and their own, staff who read the community everything."""
    rows = select(CommunityPost).where(CommunityPost.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    topics = visible_topics(actor).with_only_columns(CommunityTopic.id)
    rows = rows.where(CommunityPost.topic_id.in_(topics))
    if actor.is_staff:
        return rows
    return rows.where(or_(CommunityPost.state == PostState.SHOWN, CommunityPost.author_id == actor.user_id))


def visible_versions(actor: Actor) -> "Select[Any]":
    """What visible posts said before: customers of their own, staff of all."""
    rows = select(CommunityPostVersion).where(CommunityPostVersion.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    posts = visible_posts(actor).with_only_columns(CommunityPost.id)
    rows = rows.where(CommunityPostVersion.post_id.in_(posts))
    return rows if actor.is_staff else rows.where(CommunityPostVersion.author_id == actor.user_id)


def visible_named_organizations(actor: Actor) -> "Select[Any]":
    """Which organizations spaces name: of these, the ones that the actor sees."""
    rows = select(CommunitySpaceOrganization).where(CommunitySpaceOrganization.provider_id == actor.provider_id)
    if actor.is_system or (actor.is_staff and can(actor, Permission.PROVIDER_CONFIGURE)):
        return rows
    organizations = visible_organizations(actor).with_only_columns(Organization.id)
    return rows.where(CommunitySpaceOrganization.organization_id.in_(organizations))


def visible_members(actor: Actor) -> "Select[Any]":
    """Staff who read the community: everybody who wrote there. Customers: themselves."""
    rows = select(CommunityMember).where(CommunityMember.provider_id == actor.provider_id)
    if actor.is_system or (actor.is_staff and _reads(actor)):
        return rows
    return rows.where(CommunityMember.user_id == actor.user_id)


def visible_votes(actor: Actor) -> "Select[Any]":
    """One's own; posts have the number of all."""
    rows = select(CommunityVote).where(CommunityVote.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(CommunityVote.user_id == actor.user_id)


def visible_follows(actor: Actor) -> "Select[Any]":
    """One's own."""
    rows = select(CommunityFollow).where(CommunityFollow.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(CommunityFollow.user_id == actor.user_id)


def visible_watches(actor: Actor) -> "Select[Any]":
    """One's own on the desk."""
    rows = select(CommunityWatch).where(CommunityWatch.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    return rows.where(CommunityWatch.user_id == actor.user_id) if actor.is_staff else scopes.select_nothing(rows)


def visible_reports(actor: Actor) -> "Select[Any]":
    """Staff who read the community: those of visible posts. Customers: their own."""
    rows = select(CommunityReport).where(CommunityReport.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        posts = visible_posts(actor).with_only_columns(CommunityPost.id)
        return rows.where(CommunityReport.post_id.in_(posts))
    return rows.where(CommunityReport.user_id == actor.user_id)


def visible_blocks(actor: Actor) -> "Select[Any]":
    """Staff who read the community: all. Customers: their own."""
    rows = select(CommunityBlock).where(CommunityBlock.provider_id == actor.provider_id)
    if actor.is_system or (actor.is_staff and _reads(actor)):
        return rows
    return rows.where(and_(CommunityBlock.user_id == actor.user_id))


for _model, _scope in (
    (CommunitySpace, visible_spaces),
    (CommunitySpaceOrganization, visible_named_organizations),
    (CommunityTopic, visible_topics),
    (CommunityPost, visible_posts),
    (CommunityPostVersion, visible_versions),
    (CommunityMember, visible_members),
    (CommunityVote, visible_votes),
    (CommunityFollow, visible_follows),
    (CommunityWatch, visible_watches),
    (CommunityReport, visible_reports),
    (CommunityBlock, visible_blocks),
):
    scopes.register_scope(_model, _scope)
