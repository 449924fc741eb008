"""Chats: what a conversation that is going on has beside its case, who takes chats, and the provider's settings."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.cases.models.case import CASE, PLACE
from portal.identity.models import User
from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import StaffMember

LIVE_SQL = "ended_at IS NULL"


class ChatSettings(ProviderOwned):
    """The chat of a provider; without a row, and until `enabled`, there is none."""

    __tablename__ = "chat_settings"
    __table_args__ = (
        UniqueConstraint("provider_id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "calendar_id"], ["sla_calendars.provider_id", "sla_calendars.id"]),
        ForeignKeyConstraint(["provider_id", "request_type_id"], ["request_types.provider_id", "request_types.id"]),
        CheckConstraint("most BETWEEN 1 AND 20", name="most"),
        CheckConstraint("silent_minutes BETWEEN 2 AND 60", name="silent_minutes"),
        CheckConstraint("NOT enabled OR num_nulls(calendar_id, request_type_id) = 0", name="complete"),
    )
    enabled: Mapped[bool] = mapped_column(default=False)
    calendar_id: Mapped[uuid.UUID | None]
    # The request type of the case that a chat opens.
    request_type_id: Mapped[uuid.UUID | None]
    greeting: Mapped[str] = mapped_column(default="")
    # How many chats at once somebody who has not chosen yet takes.
    most: Mapped[int] = mapped_column(SmallInteger, default=3)
    # After so many minutes without a word or a look of the contact a chat is ended.
    silent_minutes: Mapped[int] = mapped_column(SmallInteger, default=10)
    version: Mapped[int] = mapped_column(default=1)


class ChatAgent(ProviderOwned):
    """Whether a staff member takes chats, how many at once, and when their chat page last asked for news."""

    __tablename__ = "chat_agents"
    __table_args__ = (
        UniqueConstraint("staff_id"),
        ForeignKeyConstraint(["provider_id", "staff_id"], ["staff_members.provider_id", "staff_members.id"]),
        CheckConstraint("most BETWEEN 1 AND 20", name="most"),
    )
    staff_id: Mapped[uuid.UUID]
    takes: Mapped[bool] = mapped_column(default=False)
    most: Mapped[int] = mapped_column(SmallInteger, default=3)
    seen_at: Mapped[dt.datetime | None]
    staff: Mapped[StaffMember] = relationship(lazy="raise_on_sql", viewonly=True)


class Chat(ProviderOwned):
    """One chat of a contact about a case. It waits while `waiting_since` is set and is live until `ended_at`."""

    __tablename__ = "chats"
    __table_args__ = (
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "accepted_by_id"], ["staff_members.provider_id", "staff_members.id"]),
        ForeignKeyConstraint(["provider_id", "lost_by_id"], ["staff_members.provider_id", "staff_members.id"]),
        CheckConstraint("waiting_since IS NULL OR accepted_by_id IS NULL", name="waits_or_accepted"),
        CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name="ended"),
        Index("ix_chats_case", "case_id", unique=True, postgresql_where=LIVE_SQL),
        Index("ix_chats_user", "provider_id", "user_id", unique=True, postgresql_where=LIVE_SQL),
        Index("ix_chats_live", "provider_id", "accepted_by_id", postgresql_where=LIVE_SQL),
        Index("ix_chats_ended", "provider_id", "accepted_by_id", "ended_at"),
        Index("ix_chats_accepted", "provider_id", "first_accepted_at"),
        Index("ix_chats_of_case", "case_id", "id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    # The contact who chats.
    user_id: Mapped[uuid.UUID]
    started_at: Mapped[dt.datetime]
    waiting_since: Mapped[dt.datetime | None]
    accepted_by_id: Mapped[uuid.UUID | None]
    accepted_at: Mapped[dt.datetime | None]
    first_accepted_at: Mapped[dt.datetime | None]
    # Who had it before it came back to the queue because they were gone.
    lost_by_id: Mapped[uuid.UUID | None]
    # The last line of each side, the last look of its page, and when it last typed.
    contact_spoke_at: Mapped[dt.datetime]
    contact_seen_at: Mapped[dt.datetime]
    contact_typed_at: Mapped[dt.datetime | None]
    staff_spoke_at: Mapped[dt.datetime | None]
    staff_seen_at: Mapped[dt.datetime | None]
    staff_typed_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    # '' while it is live, else a `rules.EndReason`.
    end_reason: Mapped[str] = mapped_column(key_type(), default="")

    case: Mapped[Case] = relationship(
        lazy="raise_on_sql", viewonly=True, primaryjoin="Chat.case_id == Case.id", foreign_keys="Chat.case_id"
    )
    user: Mapped[User] = relationship(
        lazy="raise_on_sql", viewonly=True, primaryjoin="Chat.user_id == User.id", foreign_keys="Chat.user_id"
    )
    accepted_by: Mapped[StaffMember | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Chat.accepted_by_id == StaffMember.id",
        foreign_keys="Chat.accepted_by_id",
    )
    lost_by: Mapped[StaffMember | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Chat.lost_by_id == StaffMember.id",
        foreign_keys="Chat.lost_by_id",
    )

    @property
    def live(self) -> bool:
        return self.ended_at is None

    @property
    def contact_waits(self) -> bool:
        """Whether the contact said the last word, so that support has to answer."""
        return self.staff_spoke_at is None or self.staff_spoke_at < self.contact_spoke_at


tenancy.set_policy("chat_settings", tenancy.by_provider())
tenancy.set_policy("chat_agents", tenancy.by_staff())
# A chat is its contact's own; other readers of the case read its lines in the conversation.
tenancy.set_policy("chats", f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM} OR user_id = {tenancy.USER})")
# Every page of the portal asks whether there is a chat.
config_cache.register_config_tables("chat_settings")
