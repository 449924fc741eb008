"""Rules, and the log of what they did."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type

_PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
_CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]
_STAFF = ["staff_members.provider_id", "staff_members.id"]
_DEPARTMENT = ["departments.provider_id", "departments.id"]
_TRIGGERS = (
    "opened",
    "customer_replied",
    "staff_replied",
    "since_opened",
    "since_customer",
    "since_staff",
    "in_status",
)


class CaseRule(ProviderOwned):
    """When which cases are changed by themselves, and how. None and '' in a condition mean any, in an effect none."""

    __tablename__ = "case_rules"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "organization_id"], ["organizations.provider_id", "organizations.id"]),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            ["environments.provider_id", "environments.organization_id", "environments.account_id", "environments.id"],
        ),
        ForeignKeyConstraint(["provider_id", "request_type_id"], ["request_types.provider_id", "request_types.id"]),
        ForeignKeyConstraint(["provider_id", "department_id"], _DEPARTMENT),
        ForeignKeyConstraint(["provider_id", "set_department_id"], _DEPARTMENT),
        ForeignKeyConstraint(["provider_id", "set_owner_id"], _STAFF),
        ForeignKeyConstraint(["provider_id", "follower_id"], _STAFF),
        CheckConstraint(" OR ".join(f"trigger = '{one}'" for one in _TRIGGERS), name="trigger"),
        CheckConstraint("hours BETWEEN 0 AND 2000", name="hours"),
        CheckConstraint("account_id IS NULL OR organization_id IS NOT NULL", name="place"),
        CheckConstraint("environment_id IS NULL OR account_id IS NOT NULL", name="environment"),
        CheckConstraint("severity BETWEEN 1 AND 4 AND set_severity BETWEEN 1 AND 4", name="severity"),
        CheckConstraint("tier BETWEEN 1 AND 3 AND set_tier BETWEEN 1 AND 3", name="tier"),
    )
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    # The order: of several rules that set the same thing the first decides.
    position: Mapped[int] = mapped_column(SmallInteger, default=1)
    trigger: Mapped[str] = mapped_column(key_type())
    hours: Mapped[int] = mapped_column(SmallInteger, default=0)
    # A time rule runs for what became due after this moment, so that a new rule does not change old cases.
    active_since: Mapped[dt.datetime]
    # Conditions.
    organization_id: Mapped[uuid.UUID | None]
    account_id: Mapped[uuid.UUID | None]
    environment_id: Mapped[uuid.UUID | None]
    environment_kind: Mapped[str] = mapped_column(key_type(), default="")
    request_type_id: Mapped[uuid.UUID | None]
    department_id: Mapped[uuid.UUID | None]
    # This rank and worse ones.
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    tier: Mapped[int | None] = mapped_column(SmallInteger)
    channel: Mapped[str] = mapped_column(key_type(), default="")
    status: Mapped[str] = mapped_column(key_type(), default="")
    # Phrases, separated by commas as they were written: one of them must occur.
    subject_words: Mapped[str] = mapped_column(default="")
    text_words: Mapped[str] = mapped_column(default="")
    domain: Mapped[str] = mapped_column(default="")
    unowned: Mapped[bool] = mapped_column(default=False)
    # Effects.
    set_department_id: Mapped[uuid.UUID | None]
    set_tier: Mapped[int | None] = mapped_column(SmallInteger)
    set_owner_id: Mapped[uuid.UUID | None]
    set_severity: Mapped[int | None] = mapped_column(SmallInteger)
    # Why the severity is another one; the customer reads it.
    reason: Mapped[str] = mapped_column(default="")
    follower_id: Mapped[uuid.UUID | None]
    note: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)


class CaseRuleFiring(ProviderOwned):
    """One run of a rule on a case: on which occasion, and what it did or why it did not. Never twice for an occasion.

    `rule_id` has no key: the log stays when a rule is deleted, and keeps its name.
    """

    __tablename__ = "case_rule_firings"
    __table_args__ = (
        ForeignKeyConstraint(_PLACE, _CASE),
        UniqueConstraint("case_id", "rule_id", "occasion"),
        Index("ix_case_rule_firings_rule", "provider_id", "rule_id", "id"),
        Index("ix_case_rule_firings_fired_at", "provider_id", "fired_at"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    rule_id: Mapped[uuid.UUID]
    rule_name: Mapped[str]
    trigger: Mapped[str] = mapped_column(key_type())
    # The event, or the moment from which a time rule counts.
    occasion: Mapped[str] = mapped_column(String(80))
    moment: Mapped[dt.datetime]
    fired_at: Mapped[dt.datetime]
    # False: a time rule looked once, and the case did not fit.
    fits: Mapped[bool] = mapped_column(default=True)
    # [{effect, outcome, before, after, why}, …] in words of that time.
    did: Mapped[list[Any]]
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)


for _table in ("case_rules", "case_rule_firings"):
    tenancy.set_policy(_table, tenancy.by_staff())
config_cache.register_config_tables("case_rules")
