"""Drafts of forms."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type


class FormDraft(ProviderOwned):
    """What a person is writing in the form that is sent to `path`. Nobody but this person reads it."""

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id", "path"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("side IN ('portal', 'desk')", name="side"),
        Index("ix_drafts_updated_at", "provider_id", "updated_at"),
    )
    user_id: Mapped[uuid.UUID]
    side: Mapped[str] = mapped_column(key_type())
    path: Mapped[str]
    # Field name to the list of its values; secrets and the form token are left out.
    fields: Mapped[dict[str, Any]]
    updated_at: Mapped[dt.datetime]
    # The number of saves.
    version: Mapped[int] = mapped_column(default=1)


tenancy.set_policy("drafts", tenancy.by_owner())
