"""The cache of the fold: the state of each case, and its clocks with their segments. `clock_store.replay_cases`
computes it anew."""

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.sla.models.calendars import CalendarVersion
from portal.sla.models.policies import PolicyVersion

CASE_COLUMNS = ["provider_id", "organization_id", "account_id", "case_id"]
CASE_KEY = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]


class BreachReason(StrEnum):
    """The reason of a broken promise, given by support."""

    LOAD = "load"
    HANDOVER = "handover"
    VENDOR = "vendor"
    CUSTOMER = "customer"
    COMPLEXITY = "complexity"
    OVERSIGHT = "oversight"
    WRONG_SEVERITY = "wrong_severity"
    OTHER = "other"


class CaseSlaState(ProviderOwned):
    """One row a case: the state of the fold, and the columns that queues sort by. Its id is the case's id."""

    __tablename__ = "sla_standings"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "account_id", "case_id"),
        ForeignKeyConstraint(CASE_COLUMNS, CASE_KEY),
        ForeignKeyConstraint(
            ["provider_id", "policy_version_id"], ["sla_policy_versions.provider_id", "sla_policy_versions.id"]
        ),
        ForeignKeyConstraint(
            ["provider_id", "calendar_version_id"], ["sla_calendar_versions.provider_id", "sla_calendar_versions.id"]
        ),
        Index(
            "ix_sla_standings_due", "provider_id", "next_due_at", "case_id", postgresql_where="next_due_at IS NOT NULL"
        ),
        Index("ix_sla_standings_queue", "provider_id", "severity", "next_due_at", "case_id", postgresql_where="active"),
        Index("ix_sla_standings_account", "account_id", "severity", "next_due_at", postgresql_where="active"),
        Index("ix_sla_standings_unexplained", "provider_id", "case_id", postgresql_where="unexplained > 0"),
        Index("ix_sla_standings_policy", "provider_id", "policy_version_id", "case_id", postgresql_where="active"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    policy_version_id: Mapped[uuid.UUID | None]
    calendar_version_id: Mapped[uuid.UUID | None]
    severity: Mapped[int] = mapped_column(SmallInteger)
    # Unresolved: promises can run.
    active: Mapped[bool]
    # The nearest promise and its kind; None: nothing is due (no promise, paused in time, or ended).
    next_due_at: Mapped[dt.datetime | None]
    next_kind: Mapped[str | None] = mapped_column(key_type())
    # Missed clocks that stopped; and those of them (and of the running ones) without a reason.
    missed: Mapped[int] = mapped_column(SmallInteger, default=0)
    unexplained: Mapped[int] = mapped_column(SmallInteger, default=0)
    # The rest of the fold's state: state, answered, no_news, cycle, opened_at.
    fold: Mapped[dict[str, Any]]
    # The update that was prepared from public facts (N6).
    draft: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[dt.datetime]
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    policy_version: Mapped[PolicyVersion | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="CaseSlaState.policy_version_id == PolicyVersion.id",
        foreign_keys="CaseSlaState.policy_version_id",
    )
    calendar_version: Mapped[CalendarVersion | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="CaseSlaState.calendar_version_id == CalendarVersion.id",
        foreign_keys="CaseSlaState.calendar_version_id",
    )


class SlaClock(ProviderOwned):
    """One clock of one case. Its id is derived from case, kind and number, so that the cache can be rebuilt."""

    __tablename__ = "sla_clocks"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "account_id", "case_id", "id"),
        UniqueConstraint("case_id", "kind", "number"),
        ForeignKeyConstraint(CASE_COLUMNS, CASE_KEY),
        CheckConstraint("kind IN ('first_response', 'next_response', 'next_update', 'resolution')", name="kind"),
        CheckConstraint("state IN ('running', 'paused', 'stopped')", name="state"),
        CheckConstraint("outcome IN ('', 'met', 'missed', 'void')", name="outcome"),
        Index("ix_sla_clocks_stopped", "provider_id", "stopped_at", postgresql_where="stopped_at IS NOT NULL"),
        Index("ix_sla_clocks_due", "provider_id", "due_at", postgresql_where="stopped_at IS NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    kind: Mapped[str] = mapped_column(key_type())
    number: Mapped[int]
    severity: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(key_type())
    started_at: Mapped[dt.datetime]
    stopped_at: Mapped[dt.datetime | None]
    # When it is due by its present segments; None while it is paused with time left.
    due_at: Mapped[dt.datetime | None]
    aim_at: Mapped[dt.datetime | None]
    outcome: Mapped[str] = mapped_column(key_type(), default="")
    target_version: Mapped[int] = mapped_column(SmallInteger, default=1)
    # {tracks: [[seconds, always], …], aim: […], calendar: version id or null}
    terms: Mapped[dict[str, Any]]
    # [{start, end, why, by, message}, …]
    segments: Mapped[list[Any]]
    # The highest threshold whose steps were fired for this target version.
    reached: Mapped[int] = mapped_column(SmallInteger, default=0)
    breach_reason: Mapped[str] = mapped_column(key_type(), default="")
    breach_note: Mapped[str] = mapped_column(default="")
    breach_by_id: Mapped[uuid.UUID | None]
    breach_said_at: Mapped[dt.datetime | None]
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("sla_standings", tenancy.by_organization(granted="case_id"))
tenancy.set_policy("sla_clocks", tenancy.by_organization(granted="case_id"))


class PromiseShown(ProviderOwned):
    """The times that the form of a case showed (N5). One a case, never changed."""

    __tablename__ = "sla_promises"
    __table_args__ = (
        UniqueConstraint("case_id"),
        ForeignKeyConstraint(CASE_COLUMNS, CASE_KEY),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    severity: Mapped[int] = mapped_column(SmallInteger)
    shown_at: Mapped[dt.datetime]
    # None: no promise was agreed, and the form said so.
    policy_version_id: Mapped[uuid.UUID | None]
    calendar_version_id: Mapped[uuid.UUID | None]
    # {first_response: ISO time, resolution: …, next_update: "4 hours"}
    content: Mapped[dict[str, Any]]
