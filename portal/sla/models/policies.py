"""Policies, and their versions, which never change."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel.database import ProviderOwned
from portal.sla.models.calendars import SlaCalendar


class SlaPolicy(ProviderOwned):
    """A named policy; the version `current` holds its promises."""

    __tablename__ = "sla_policies"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    name: Mapped[str]
    current: Mapped[int] = mapped_column(default=1)
    archived: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]
    version: Mapped["PolicyVersion"] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        uselist=False,
        primaryjoin="and_(SlaPolicy.id == foreign(PolicyVersion.policy_id),"
        " SlaPolicy.current == foreign(PolicyVersion.number))",
    )


class PolicyVersion(ProviderOwned):
    """One immutable version of a policy, with its calendar: `engine.policy.parse_policy` reads `content`."""

    __tablename__ = "sla_policy_versions"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("policy_id", "number"),
        ForeignKeyConstraint(["provider_id", "policy_id"], ["sla_policies.provider_id", "sla_policies.id"]),
        ForeignKeyConstraint(["provider_id", "calendar_id"], ["sla_calendars.provider_id", "sla_calendars.id"]),
    )
    policy_id: Mapped[uuid.UUID]
    number: Mapped[int]
    calendar_id: Mapped[uuid.UUID]
    content: Mapped[dict[str, Any]]
    made_at: Mapped[dt.datetime]
    made_by_id: Mapped[uuid.UUID | None]
    policy: Mapped[SlaPolicy] = relationship(lazy="raise_on_sql", viewonly=True)
    calendar: Mapped[SlaCalendar] = relationship(lazy="raise_on_sql", viewonly=True)
