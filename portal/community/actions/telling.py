"""Who is told of what in a topic: one event for each organization, because customers read events of theirs only.

The events are recorded by the system, without a name: what a reader may know of the author is decided when they read.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from portal.authz.scopes import scope
from portal.community.models import CommunityFollow, CommunityPost
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.tenants.models import Contact, StaffMember

# The most organizations that are told of one post.
MOST_TOLD = 500


@dataclass(frozen=True, slots=True)
class _ToldOfTopic:
    """The place of an event that tells the people of one organization of a topic."""

    id: uuid.UUID
    organization_id: uuid.UUID
    account_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class _TopicOnDesk:
    """A topic of which staff are told: of no organization, so that no customer reads the event."""

    id: uuid.UUID


def tell_followers(ctx: Context, post: CommunityPost) -> None:
    """Record `community.told` about the answer *post*, once for each organization whose people follow the topic, and
    `community.told_staff` where somebody of the staff does."""
    with as_system(ctx, with_own_rows=True) as inner:
        following = (
            select(CommunityFollow.user_id)
            .where(CommunityFollow.topic_id == post.topic_id, CommunityFollow.user_id != post.author_id)
            .scalar_subquery()
        )
        contacts = scope(inner.actor, Contact).where(Contact.user_id.in_(following), Contact.active)
        places = contacts.with_only_columns(Contact.organization_id).distinct().limit(MOST_TOLD)
        for organization_id in inner.session.scalars(places).all():
            record(
                inner,
                "community.told",
                _ToldOfTopic(post.topic_id, organization_id),
                about="answered",
                post=str(post.id),
            )
        members = scope(inner.actor, StaffMember).where(StaffMember.user_id.in_(following), StaffMember.active)
        if inner.session.scalar(members.with_only_columns(StaffMember.id).limit(1)) is not None:
            record(inner, "community.told_staff", _TopicOnDesk(post.topic_id), post=str(post.id))


def tell_person(ctx: Context, post: CommunityPost, user_id: Id, about: str) -> None:
    """Record `community.told` for one customer: that their text was approved, or that staff propose a private case."""
    with as_system(ctx, with_own_rows=True) as inner:
        contacts = scope(inner.actor, Contact).where(Contact.user_id == user_id, Contact.active)
        first = contacts.with_only_columns(Contact.organization_id).order_by(Contact.organization_id).limit(1)
        organization_id = inner.session.scalar(first)
        if organization_id is not None:
            place = _ToldOfTopic(post.topic_id, organization_id)
            record(inner, "community.told", place, about=about, post=str(post.id), person=str(user_id))
