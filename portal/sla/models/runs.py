"""Long work with progress: recomputing clocks after a change, and replaying the past under a draft."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type


class Run(ProviderOwned):
    """One recomputation or backtest: its subject, its progress, its findings. It is done in batches."""

    __tablename__ = "sla_runs"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        CheckConstraint("kind IN ('recompute', 'backtest')", name="kind"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'canceled')", name="state"),
        Index("ix_sla_runs_recent", "provider_id", "id"),
    )
    kind: Mapped[str] = mapped_column(key_type())
    state: Mapped[str] = mapped_column(key_type(), default="waiting")
    # Its subject: {policy | calendar | organization | account: id}; of a backtest the draft itself too.
    about: Mapped[dict[str, Any]]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    # Where the next batch begins.
    cursor: Mapped[uuid.UUID | None]
    findings: Mapped[dict[str, Any]]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]


tenancy.set_policy("sla_runs", tenancy.by_staff())
