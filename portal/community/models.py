"""Spaces, topics, their posts with older versions, votes, follows, reports, blocks, and who wrote under which number.

The question of a topic is its first post, so that history, votes, reports and moderation know one kind of text.
"""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type

_SPACE = ["community_spaces.provider_id", "community_spaces.id"]
_TOPIC = ["community_topics.provider_id", "community_topics.id"]
_POST = ["community_posts.provider_id", "community_posts.id"]
_USER = ["users.provider_id", "users.id"]


class CommunitySpace(ProviderOwned):
    """A place for topics: for all clients, or for those that `CommunitySpaceOrganization` names."""

    __tablename__ = "community_spaces"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "calendar_id"], ["sla_calendars.provider_id", "sla_calendars.id"]),
        CheckConstraint("due_hours >= 0", name="due_hours"),
    )
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    everybody: Mapped[bool] = mapped_column(default=False)
    # Whether customers are shown as members with a number, instead of by their names.
    aliased: Mapped[bool] = mapped_column(default=False)
    # Whether what a person writes waits for approval until something of theirs was approved.
    holds_first: Mapped[bool] = mapped_column(default=False)
    # After so many hours, of the calendar where there is one, a topic waits too long for an answer (0: never).
    due_hours: Mapped[int] = mapped_column(SmallInteger, default=0)
    calendar_id: Mapped[uuid.UUID | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


class CommunitySpaceOrganization(ProviderOwned):
    """An organization whose people see a space that is not for everybody."""

    __tablename__ = "community_space_organizations"
    __table_args__ = (
        UniqueConstraint("space_id", "organization_id"),
        ForeignKeyConstraint(["provider_id", "space_id"], _SPACE, ondelete="CASCADE"),
        ForeignKeyConstraint(["provider_id", "organization_id"], ["organizations.provider_id", "organizations.id"]),
        Index("ix_community_space_organizations_organization", "organization_id"),
    )
    organization_id: Mapped[uuid.UUID]
    space_id: Mapped[uuid.UUID]


class CommunityWatch(ProviderOwned):
    """A member of the staff who is told of topics of a space that wait too long."""

    __tablename__ = "community_watches"
    __table_args__ = (
        UniqueConstraint("space_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "space_id"], _SPACE, ondelete="CASCADE"),
        ForeignKeyConstraint(["provider_id", "user_id"], _USER),
    )
    space_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]


class CommunityMember(ProviderOwned):
    """A person who wrote in the community. `number` is shown instead of the name where a space says so."""

    __tablename__ = "community_members"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id"),
        UniqueConstraint("provider_id", "number"),
        ForeignKeyConstraint(["provider_id", "user_id"], _USER),
    )
    user_id: Mapped[uuid.UUID]
    number: Mapped[int]
    # When something that they wrote was approved; from then on nothing waits.
    approved_at: Mapped[dt.datetime | None]


class CommunityTopic(ProviderOwned):
    """A question with its answers. `state` is that of its first post: held, shown or hidden."""

    __tablename__ = "community_topics"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id", "space_id"], _SPACE),
        ForeignKeyConstraint(
            ["provider_id", "author_id"], ["community_members.provider_id", "community_members.user_id"]
        ),
        CheckConstraint("state IN ('held', 'shown', 'hidden')", name="state"),
        Index("ix_community_topics_newest", "provider_id", "last_post_at", "id"),
        Index(
            "ix_community_topics_unanswered",
            *("provider_id", "last_post_at", "id"),
            postgresql_where="answered_at IS NULL",
        ),
        Index(
            "ix_community_topics_solved", "provider_id", "last_post_at", "id", postgresql_where="solved_at IS NOT NULL"
        ),
        Index("ix_community_topics_due", "provider_id", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("ix_community_topics_author", "author_id", "last_post_at", "id"),
        Index("ix_community_topics_space", "space_id", "last_post_at", "id"),
    )
    space_id: Mapped[uuid.UUID]
    author_id: Mapped[uuid.UUID]
    author_side: Mapped[str] = mapped_column(key_type())
    state: Mapped[str] = mapped_column(key_type())
    title: Mapped[str]
    # The tokens of title and question (`kernel.tokenizer`), and those of the title.
    title_words: Mapped[str] = mapped_column(TSVECTOR)
    words: Mapped[str] = mapped_column(TSVECTOR)
    created_at: Mapped[dt.datetime]
    # When customers could first read it: the clock runs from here.
    shown_at: Mapped[dt.datetime | None]
    last_post_at: Mapped[dt.datetime]
    # The shown answers.
    answers: Mapped[int] = mapped_column(default=0)
    # Since when there is an official answer, an accepted one, and either of them.
    official_at: Mapped[dt.datetime | None]
    solved_at: Mapped[dt.datetime | None]
    answered_at: Mapped[dt.datetime | None]
    # By when there should be one, while there is none; and when the watchers were told that there was none.
    due_at: Mapped[dt.datetime | None]
    overdue_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    # Whether a text of it became a private case. Which one is stored nowhere.
    followed_up: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    space: Mapped[CommunitySpace] = relationship(lazy="raise_on_sql", viewonly=True)


class CommunityPost(ProviderOwned):
    """A question (`opens`) or an answer, as it reads now."""

    __tablename__ = "community_posts"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id", "topic_id"], _TOPIC),
        ForeignKeyConstraint(
            ["provider_id", "author_id"], ["community_members.provider_id", "community_members.user_id"]
        ),
        ForeignKeyConstraint(["provider_id", "proposed_by_id"], _USER),
        CheckConstraint("state IN ('held', 'shown', 'hidden')", name="state"),
        CheckConstraint("case_state IN ('', 'proposed', 'declined', 'opened')", name="case_state"),
        Index("ix_community_posts_topic", "topic_id", "id"),
        Index("ix_community_posts_author", "author_id", "id"),
        Index("ix_community_posts_state", "provider_id", "state", "id"),
        Index("uq_community_posts_question", "topic_id", unique=True, postgresql_where="opens"),
        Index("uq_community_posts_accepted", "topic_id", unique=True, postgresql_where="accepted"),
    )
    topic_id: Mapped[uuid.UUID]
    author_id: Mapped[uuid.UUID]
    author_side: Mapped[str] = mapped_column(key_type())
    opens: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(key_type())
    body: Mapped[str]
    # The tokens of an answer; those of a question stand in its topic.
    words: Mapped[str] = mapped_column(TSVECTOR)
    # The word of support; only staff write it.
    official: Mapped[bool] = mapped_column(default=False)
    accepted: Mapped[bool] = mapped_column(default=False)
    # How many people found it helpful.
    helpful: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[dt.datetime]
    edited_at: Mapped[dt.datetime | None]
    hidden_why: Mapped[str] = mapped_column(default="")
    # Whether it is to become, or became, a private case of its author: staff propose it, the author decides.
    case_state: Mapped[str] = mapped_column(String(10), default="")
    proposed_by_id: Mapped[uuid.UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    topic: Mapped[CommunityTopic] = relationship(lazy="raise_on_sql", viewonly=True)


class CommunityPostVersion(ProviderOwned):
    """How a post read before an edit; `number` is the version that it was. Its author and staff read it."""

    __tablename__ = "community_post_versions"
    __table_args__ = (
        UniqueConstraint("post_id", "number"),
        ForeignKeyConstraint(["provider_id", "post_id"], _POST),
        ForeignKeyConstraint(
            ["provider_id", "author_id"], ["community_members.provider_id", "community_members.user_id"]
        ),
        Index("ix_community_post_versions_author", "author_id", "id"),
    )
    post_id: Mapped[uuid.UUID]
    author_id: Mapped[uuid.UUID]
    number: Mapped[int]
    # The title of a question; '' for an answer.
    title: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    replaced_at: Mapped[dt.datetime]


class CommunityVote(ProviderOwned):
    """That a person found a post helpful."""

    __tablename__ = "community_votes"
    __table_args__ = (
        UniqueConstraint("post_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "post_id"], _POST),
        ForeignKeyConstraint(["provider_id", "user_id"], _USER),
    )
    post_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]


class CommunityFollow(ProviderOwned):
    """That a person wants to hear of the answers of a topic."""

    __tablename__ = "community_follows"
    __table_args__ = (
        UniqueConstraint("topic_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "topic_id"], _TOPIC),
        ForeignKeyConstraint(["provider_id", "user_id"], _USER),
        Index("ix_community_follows_user", "user_id", "topic_id"),
    )
    topic_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]


class CommunityReport(ProviderOwned):
    """What a person says against a post, once a person; `decided_at` tells whether staff have looked at it."""

    __tablename__ = "community_reports"
    __table_args__ = (
        UniqueConstraint("post_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "post_id"], _POST),
        ForeignKeyConstraint(["provider_id", "user_id"], _USER),
        Index("ix_community_reports_open", "provider_id", "id", postgresql_where="decided_at IS NULL"),
        Index("ix_community_reports_user", "user_id", "id"),
    )
    post_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    why: Mapped[str]
    made_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]


class CommunityBlock(ProviderOwned):
    """That a person may not write, until a moment or (None) until somebody ends it. They read the reason."""

    __tablename__ = "community_blocks"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "user_id"], _USER),
        ForeignKeyConstraint(["provider_id", "made_by_id"], _USER),
    )
    user_id: Mapped[uuid.UUID]
    why: Mapped[str]
    ends_at: Mapped[dt.datetime | None]
    made_by_id: Mapped[uuid.UUID]
    made_at: Mapped[dt.datetime]


# Policies read one way only (posts → topics → spaces → their organizations), so that none reads itself. The parts are
# constants and end up in migrations; they are never user input.
_OPEN = f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM} OR "
_NAMED = "id IN (SELECT o.space_id FROM community_space_organizations o)"
_IN_SPACE = "space_id IN (SELECT s.id FROM community_spaces s)"
_IN_TOPIC = "topic_id IN (SELECT t.id FROM community_topics t)"
_READABLE = f"(state = 'shown' OR author_id = {tenancy.USER})"
tenancy.set_policy("community_space_organizations", tenancy.by_organization())
tenancy.set_policy("community_spaces", f"{_OPEN}active AND (everybody AND {tenancy.USER} IS NOT NULL OR {_NAMED}))")
tenancy.set_policy("community_topics", f"{_OPEN}{_IN_SPACE} AND {_READABLE})")
tenancy.set_policy("community_posts", f"{_OPEN}{_IN_TOPIC} AND {_READABLE})")
# A number and the person behind it: names inside a provider are no secret to its database (decision 2).
tenancy.set_policy("community_members", tenancy.by_provider())
tenancy.set_policy("community_post_versions", f"{_OPEN}author_id = {tenancy.USER})")
for _table in ("community_votes", "community_follows", "community_reports", "community_blocks"):
    tenancy.set_policy(_table, f"{_OPEN}user_id = {tenancy.USER})")
tenancy.set_policy("community_watches", tenancy.by_staff())
# Whether the menu shows the community.
config_cache.register_config_tables("community_spaces", "community_space_organizations")
