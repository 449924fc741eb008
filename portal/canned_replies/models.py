"""Canned replies, and how often each person used one."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.canned_replies.engine.macros import Macro
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import Department


class CannedReply(ProviderOwned):
    """A text with placeholders for replies and chats, in one or more languages, and what sending it sets.

    Without `owner_id` it is shared by all staff; otherwise it is that person's own.
    """

    __tablename__ = "canned_replies"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "owner_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "department_id"], ["departments.provider_id", "departments.id"]),
        CheckConstraint("status IN ('', 'waiting', 'in_progress', 'on_hold', 'resolved')", name="status"),
        CheckConstraint("hold_days BETWEEN 1 AND 365", name="hold_days"),
        Index("ix_canned_replies_owner", "provider_id", "owner_id"),
    )
    owner_id: Mapped[uuid.UUID | None]
    department_id: Mapped[uuid.UUID | None]
    title: Mapped[str]
    # The text by language.
    texts: Mapped[dict[str, Any]]
    # Title and texts as search compares them.
    searched: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    # What sending it sets (`engine.macros.Macro`).
    status: Mapped[str] = mapped_column(key_type(), default="")
    hold_reason: Mapped[str] = mapped_column(default="")
    hold_days: Mapped[int | None] = mapped_column(SmallInteger)
    how_to_check: Mapped[str] = mapped_column(default="")
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    severity_reason: Mapped[str] = mapped_column(default="")
    takes: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
    department: Mapped[Department | None] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def is_shared(self) -> bool:
        return self.owner_id is None

    @property
    def macro(self) -> Macro:
        """What sending it sets."""
        return Macro(
            status=self.status,
            reason=self.hold_reason,
            days=self.hold_days,
            check=self.how_to_check,
            severity=self.severity,
            severity_reason=self.severity_reason,
            takes=self.takes,
        )


class CannedReplyUse(ProviderOwned):
    """How often a person sent a canned reply, and when last. One row a person, so that a reply that everybody sends is
    not a row that everybody waits for."""

    __tablename__ = "canned_reply_uses"
    __table_args__ = (
        UniqueConstraint("reply_id", "user_id"),
        ForeignKeyConstraint(
            ["provider_id", "reply_id"], ["canned_replies.provider_id", "canned_replies.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
    )
    reply_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    uses: Mapped[int]
    last_used_at: Mapped[dt.datetime]


tenancy.set_policy(
    "canned_replies",
    f"{tenancy.by_staff()} AND (owner_id IS NULL OR owner_id = {tenancy.USER} OR {tenancy.SIDE} = 'system')",
)
# The parts are constants and end up in migrations; they are never user input.
tenancy.set_policy(
    "canned_reply_uses",
    f"{tenancy.by_staff()} AND reply_id IN (SELECT c.id FROM canned_replies c)",  # noqa: S608
)
