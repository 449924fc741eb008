"""Escalation rules with steps, and the ledger of steps that fired. Customers see none of it."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.sla.models.clocks import CASE_COLUMNS, CASE_KEY

# The effects of a step.
EFFECTS = ("notify", "raise_tier", "reassign", "raise_severity", "draft_update")
# Whom a step can notify of a broken promise beside staff: the contact of the case and whoever opened it.
CUSTOMERS = "customers"


class EscalationRule(ProviderOwned):
    """Steps for the clocks of some kinds and severities of one policy, or of all policies (none named)."""

    __tablename__ = "sla_rules"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "policy_id"], ["sla_policies.provider_id", "sla_policies.id"]),
    )
    name: Mapped[str]
    policy_id: Mapped[uuid.UUID | None]
    # Kinds of clocks; severities, [] for all.
    kinds: Mapped[list[Any]]
    severities: Mapped[list[Any]]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime]
    steps: Mapped[list["EscalationStep"]] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        order_by="EscalationStep.percent, EscalationStep.position",
        primaryjoin="and_(EscalationRule.id == foreign(EscalationStep.rule_id), EscalationStep.active)",
    )


class EscalationStep(ProviderOwned):
    """One effect at a share of a clock's time. A step that is removed from its rule stays as inactive, because the
    ledger refers to it.

    `whom` of notify: owner, lead, account_manager, department, tier, customers, or ids of staff. `target`: the tier for
    raise_tier (0: one higher), the staff id for reassign ('lead' for a lead of the account). `note` is the hand-over
    note.
    """

    __tablename__ = "sla_steps"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id", "rule_id"], ["sla_rules.provider_id", "sla_rules.id"]),
        CheckConstraint("percent BETWEEN 1 AND 500", name="percent"),
        CheckConstraint("does IN ('notify', 'raise_tier', 'reassign', 'raise_severity', 'draft_update')", name="does"),
        Index("ix_sla_steps_rule", "rule_id"),
    )
    rule_id: Mapped[uuid.UUID]
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    percent: Mapped[int] = mapped_column(SmallInteger)
    does: Mapped[str] = mapped_column(key_type())
    whom: Mapped[list[Any]]
    target: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    rule: Mapped[EscalationRule] = relationship(lazy="raise_on_sql", viewonly=True)


class FiredStep(ProviderOwned):
    """The ledger: one row for each step of each clock, cycle and target version, written together with the effect."""

    __tablename__ = "sla_fired"
    __table_args__ = (
        UniqueConstraint("clock_id", "cycle", "target_version", "step_id"),
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(CASE_COLUMNS, CASE_KEY),
        ForeignKeyConstraint(["provider_id", "step_id"], ["sla_steps.provider_id", "sla_steps.id"]),
        Index("ix_sla_fired_case", "case_id", "fired_at"),
        Index("ix_sla_fired_recent", "provider_id", "fired_at"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    # No foreign key, because the cache of clocks may be rebuilt and the ledger never is. Rebuilt clocks have the same
    # ids.
    clock_id: Mapped[uuid.UUID]
    kind: Mapped[str] = mapped_column(key_type())
    cycle: Mapped[int]
    target_version: Mapped[int] = mapped_column(SmallInteger)
    step_id: Mapped[uuid.UUID]
    # When it was due, when it was done, and when people were notified (after quiet hours).
    due_at: Mapped[dt.datetime]
    fired_at: Mapped[dt.datetime]
    told_at: Mapped[dt.datetime | None]
    # Its effect as data: {does, percent, tier, owner, tell: [user ids], names, customers, quiet_until, with, …}
    did: Mapped[dict[str, Any]]
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    step: Mapped[EscalationStep] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("sla_rules", tenancy.by_staff())
tenancy.set_policy("sla_steps", tenancy.by_staff())
tenancy.set_policy("sla_fired", tenancy.by_staff())
