"""Snoozes: one a person and case."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.models.case import CASE, PLACE
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type


class CaseSnooze(ProviderOwned):
    """A case that a person put aside until a moment. Once it woke, the row says when and why, so that lists mark it."""

    __tablename__ = "case_snoozes"
    __table_args__ = (
        UniqueConstraint("case_id", "user_id"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("why IN ('', 'due', 'replied', 'assigned')", name="why"),
        CheckConstraint("(woken_at IS NULL) = (why = '')", name="woken"),
        Index("ix_case_snoozes_user", "user_id", "case_id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    until: Mapped[dt.datetime]
    snoozed_at: Mapped[dt.datetime]
    woken_at: Mapped[dt.datetime | None]
    # Why it woke: its time came, the customer wrote, or somebody assigned the case.
    why: Mapped[str] = mapped_column(key_type(), default="")


tenancy.set_policy("case_snoozes", tenancy.by_owner())
