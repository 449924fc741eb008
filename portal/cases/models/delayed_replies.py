"""Replies of support that wait a few seconds before they are sent, so that their writer can take them back."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.models.case import CASE, PLACE
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned


class DelayedReply(ProviderOwned):
    """A reply that its writer has sent and that nobody has received yet. Nobody but its writer reads it."""

    __tablename__ = "delayed_replies"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id", "idempotency_key"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_delayed_replies_case", "case_id", "sends_at"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    body: Mapped[str]
    # What else `reply_with_status.send_reply` gets, as `actions.delayed_replies` writes it.
    arguments: Mapped[dict[str, Any]]
    # The form as it was sent, for the draft that it becomes where it is taken back: its address, and the values of its
    # fields by name.
    path: Mapped[str]
    fields: Mapped[dict[str, Any]]
    idempotency_key: Mapped[str] = mapped_column(String(64))
    sends_at: Mapped[dt.datetime]


tenancy.set_policy("delayed_replies", tenancy.by_owner())
