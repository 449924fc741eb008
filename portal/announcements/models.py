"""Announcements, whom they are for, and their updates."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type

ANNOUNCEMENT = ["announcements.provider_id", "announcements.id"]


class Announcement(ProviderOwned):
    """One announcement. `starts_at` and `ends_at` are the planned window; `ended_at` is when it was really over."""

    __tablename__ = "announcements"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "author_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("kind IN ('outage', 'maintenance', 'workaround', 'notice')", name="kind"),
        CheckConstraint("state IN ('draft', 'scheduled', 'published', 'ended')", name="state"),
        CheckConstraint("ends_at IS NULL OR starts_at IS NULL OR ends_at > starts_at", name="window"),
        CheckConstraint("state <> 'scheduled' OR publish_at IS NOT NULL", name="schedule"),
        Index("ix_announcements_stream", "provider_id", "published_at", "id"),
    )
    kind: Mapped[str] = mapped_column(key_type())
    state: Mapped[str] = mapped_column(key_type(), default="draft")
    title: Mapped[str]
    body: Mapped[str]
    # Everybody, or those whom the targets name.
    everybody: Mapped[bool] = mapped_column(default=False)
    starts_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    # Whether those whom it reaches are notified by email too, unless they switched that off.
    mailed: Mapped[bool] = mapped_column(default=True)
    publish_at: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    # The promised rhythm of updates in minutes (0: none), and by when the next one is due.
    rhythm: Mapped[int] = mapped_column(default=0)
    next_update_at: Mapped[dt.datetime | None]
    # When staff were last reminded of a promised update or a planned end that has passed.
    reminded_at: Mapped[dt.datetime | None]
    author_id: Mapped[uuid.UUID]
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


class AnnouncementTarget(ProviderOwned):
    """One target of an announcement: an account, an environment of it, or a service."""

    __tablename__ = "announcement_targets"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "announcement_id"], ANNOUNCEMENT),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            [f"environments.{part}" for part in ("provider_id", "organization_id", "account_id", "id")],
            name="fk_announcement_targets_environment",
        ),
        ForeignKeyConstraint(["provider_id", "service_id"], ["services.provider_id", "services.id"]),
        # A composite key with one NULL is not checked: a place is whole or absent, and a service stands alone.
        CheckConstraint(
            "(service_id IS NULL AND num_nulls(organization_id, account_id) = 0)"
            " OR (service_id IS NOT NULL AND num_nonnulls(organization_id, account_id, environment_id) = 0)",
            name="place",
        ),
        Index("ix_announcement_targets_announcement", "announcement_id"),
        Index("ix_announcement_targets_account", "account_id", postgresql_where="account_id IS NOT NULL"),
    )
    announcement_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID | None]
    account_id: Mapped[uuid.UUID | None]
    environment_id: Mapped[uuid.UUID | None]
    service_id: Mapped[uuid.UUID | None]


class AnnouncementUpdate(ProviderOwned):
    """One update of a published announcement; its end is the last one."""

    __tablename__ = "announcement_updates"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "announcement_id"], ANNOUNCEMENT),
        ForeignKeyConstraint(["provider_id", "author_id"], ["users.provider_id", "users.id"]),
        Index("ix_announcement_updates_announcement", "announcement_id", "id"),
    )
    announcement_id: Mapped[uuid.UUID]
    body: Mapped[str]
    final: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[uuid.UUID]
    written_at: Mapped[dt.datetime]


class AnnouncementJoin(ProviderOwned):
    """Somebody whom an announcement hits, in one account or environment of theirs, and whether it works again for them
    now that it is over ('' until they say so)."""

    __tablename__ = "announcement_joins"
    __table_args__ = (
        UniqueConstraint(
            *("announcement_id", "user_id", "account_id", "environment_id"),
            name="uq_announcement_joins_place",
            postgresql_nulls_not_distinct=True,
        ),
        ForeignKeyConstraint(["provider_id", "announcement_id"], ANNOUNCEMENT),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            [f"environments.{part}" for part in ("provider_id", "organization_id", "account_id", "id")],
            name="fk_announcement_joins_environment",
        ),
        CheckConstraint("answer = '' OR answer = 'works' OR answer = 'broken'", name="answer"),
    )
    announcement_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    environment_id: Mapped[uuid.UUID | None]
    impact: Mapped[str]
    joined_at: Mapped[dt.datetime]
    answer: Mapped[str] = mapped_column(key_type(), default="")
    answered_at: Mapped[dt.datetime | None]


class AnnouncementFollow(ProviderOwned):
    """What a person chose to hear of one announcement: all of it by email too (`follow`), or nothing (`mute`)."""

    __tablename__ = "announcement_follows"
    __table_args__ = (
        UniqueConstraint("announcement_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "announcement_id"], ANNOUNCEMENT),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("mode = 'follow' OR mode = 'mute'", name="mode"),
        Index("ix_announcement_follows_user", "user_id"),
    )
    announcement_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    mode: Mapped[str] = mapped_column(key_type())


class StatusPost(ProviderOwned):
    """What everybody may read of an announcement, without sign-in: words of its own, and copies of its times and its
    state, so that the public page reads nothing that names a client."""

    __tablename__ = "status_posts"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "announcement_id"),
        ForeignKeyConstraint(["provider_id", "announcement_id"], ANNOUNCEMENT),
    )
    announcement_id: Mapped[uuid.UUID]
    title: Mapped[str]
    body: Mapped[str]
    kind: Mapped[str] = mapped_column(key_type())
    state: Mapped[str] = mapped_column(key_type())
    starts_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    next_update_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime]


class StatusUpdate(ProviderOwned):
    """One public update of a post."""

    __tablename__ = "status_updates"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "post_id"], ["status_posts.provider_id", "status_posts.id"]),
        Index("ix_status_updates_post", "post_id", "id"),
    )
    post_id: Mapped[uuid.UUID]
    body: Mapped[str]
    written_at: Mapped[dt.datetime]


class StatusSubscriber(ProviderOwned):
    """An address that gets what the status page says by email, once its owner confirmed it. No person of the portal."""

    __tablename__ = "status_subscribers"
    __table_args__ = (
        UniqueConstraint("provider_id", "email"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        CheckConstraint("chosen = 'all' OR chosen = 'outages'", name="chosen"),
        # The order in which those who confirmed are mailed.
        Index("ix_status_subscribers_confirmed", "provider_id", "id", postgresql_where="confirmed_at IS NOT NULL"),
    )
    email: Mapped[str] = mapped_column(String(320))
    locale: Mapped[str] = mapped_column(key_type())
    # What they get: `all`, or only `outages`.
    chosen: Mapped[str] = mapped_column(key_type())
    asked_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]


# Policies read one way only (updates → announcements → targets → services of accounts), so that none recurses.
tenancy.set_policy(
    "announcement_targets",
    tenancy.by_organization(also="service_id IN (SELECT s.service_id FROM account_services s)"),
)
_HOUSE = f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM}"
_FOR_READER = "everybody OR id IN (SELECT t.announcement_id FROM announcement_targets t)"
tenancy.set_policy("announcements", f"{_HOUSE} OR ((state = 'published' OR state = 'ended') AND ({_FOR_READER})))")
tenancy.set_policy("announcement_updates", f"{_HOUSE} OR announcement_id IN (SELECT a.id FROM announcements a))")  # noqa: S608 - constants of ours
tenancy.set_policy("announcement_joins", tenancy.by_organization())
tenancy.set_policy("announcement_follows", tenancy.by_owner())
# Public on purpose.
tenancy.set_policy("status_posts", tenancy.by_provider())
tenancy.set_policy("status_updates", tenancy.by_provider())
# Addresses are nobody's to read but the administration's.
tenancy.set_policy("status_subscribers", tenancy.by_staff())
# What is current stands on the home page and in the menu of every customer.
config_cache.register_config_tables("announcements", "announcement_targets", "status_posts")
