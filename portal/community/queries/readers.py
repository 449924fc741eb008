"""Whom an event of the community is told: the audience of `policies.visible_spaces`, asked for many people at once. The
system asks."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.authz.scopes import load, scope
from portal.community.models import CommunityFollow, CommunityPost, CommunityTopic, CommunityWatch
from portal.community.queries.spaces import named_ids, space
from portal.community.queries.topics import post
from portal.community.rules import PostState, admits
from portal.identity.models import User
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.tenants.models import StaffMember
from portal.tenants.queries import actors

# The most people who are told of one event.
MOST_TOLD = 2_000


def told_post(ctx: Context, post_id: Id | None) -> CommunityPost | None:
    """The post that an event is about, unless it was taken away meanwhile."""
    if post_id is None:
        return None
    try:
        found = post(ctx, post_id)
    except NotFound:
        return None
    return None if PostState.HIDDEN in (found.state, found.topic.state) else found


def readers_of(ctx: Context, row: CommunityPost, people: Sequence[User]) -> list[tuple[User, Actor]]:
    """Those of *people* who may read *row* on the portal now, as they act there."""
    place = space(ctx, row.topic.space_id)
    named = named_ids(ctx, place)
    on_portal = actors.contact_actors(ctx, people)
    found = []
    for person in people:
        actor = on_portal.get(person.id)
        if actor is None or not admits(place, named, actor.memberships):
            continue
        is_shown = PostState.HELD not in (row.state, row.topic.state)
        if is_shown or person.id == row.author_id:
            found.append((person, actor))
    return found


def followers(ctx: Context, row: CommunityPost) -> Sequence[User]:
    """The people who follow the topic of *row*, but for its author."""
    following = select(CommunityFollow.user_id).where(
        CommunityFollow.topic_id == row.topic_id, CommunityFollow.user_id != row.author_id
    )
    rows = scope(ctx.actor, User).where(User.id.in_(following), User.ended_at.is_(None)).order_by(User.id)
    return ctx.session.scalars(rows.limit(MOST_TOLD)).all()


def watchers(ctx: Context, topic_id: Id | None) -> Sequence[Id]:
    """The ids of the people who watch the space of a topic on the desk."""
    topic = load(ctx, CommunityTopic, CommunityTopic.id == topic_id)
    rows = scope(ctx.actor, CommunityWatch).where(CommunityWatch.space_id == topic.space_id)
    return ctx.session.scalars(rows.with_only_columns(CommunityWatch.user_id).limit(MOST_TOLD)).all()


def moderators(ctx: Context) -> Sequence[Id]:
    """The ids of the active staff who decide about texts."""
    deciding = [role.value for role in StaffRole if Permission.COMMUNITY_MODERATE in ROLES[role]]
    rows = scope(ctx.actor, StaffMember).where(StaffMember.active, StaffMember.role.in_(deciding))
    return ctx.session.scalars(rows.with_only_columns(StaffMember.user_id).limit(MOST_TOLD)).all()


def reads_on_desk(ctx: Context, actor: Actor, topic_id: Id | None) -> bool:
    """Whether a member of the staff may read a topic; its row is found by the system, under the scope of *actor*."""
    rows = scope(actor, CommunityTopic).where(CommunityTopic.id == topic_id).with_only_columns(CommunityTopic.id)
    found: uuid.UUID | None = ctx.session.scalar(rows)
    return found is not None
