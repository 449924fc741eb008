"""Agreements: which policy and calendar apply to whom."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned
from portal.sla.models.calendars import SlaCalendar
from portal.sla.models.policies import SlaPolicy
from portal.tenants.models import Account, Organization


class Assignment(ProviderOwned):
    """An agreement with everybody (no organization), with an organization, or with one account of it: a policy, a
    calendar that overrides the policy's, or both. The narrowest one with a value applies."""

    __tablename__ = "sla_assignments"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "account_id", postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "organization_id"], ["organizations.provider_id", "organizations.id"]),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        ForeignKeyConstraint(["provider_id", "policy_id"], ["sla_policies.provider_id", "sla_policies.id"]),
        ForeignKeyConstraint(["provider_id", "calendar_id"], ["sla_calendars.provider_id", "sla_calendars.id"]),
        CheckConstraint("account_id IS NULL OR organization_id IS NOT NULL", name="place"),
        CheckConstraint("num_nonnulls(policy_id, calendar_id) > 0", name="says_something"),
        Index("ix_sla_assignments_policy", "policy_id"),
    )
    organization_id: Mapped[uuid.UUID | None]
    account_id: Mapped[uuid.UUID | None]
    policy_id: Mapped[uuid.UUID | None]
    calendar_id: Mapped[uuid.UUID | None]
    made_at: Mapped[dt.datetime]
    made_by_id: Mapped[uuid.UUID | None]
    policy: Mapped[SlaPolicy | None] = relationship(lazy="raise_on_sql", viewonly=True)
    calendar: Mapped[SlaCalendar | None] = relationship(lazy="raise_on_sql", viewonly=True)
    organization: Mapped[Organization | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Assignment.organization_id == Organization.id",
        foreign_keys="Assignment.organization_id",
    )
    account: Mapped[Account | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Assignment.account_id == Account.id",
        foreign_keys="Assignment.account_id",
    )


# A contact reads the agreements of their own organization. Each policy uses the one before, down to the assignments.
# The agreement with everybody is read as the system, by queries. The parts are constants and end up in migrations; they
# are never user input.
def _or_assigned(reach: str) -> str:
    return f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM} OR {reach})"


_POLICIES = "(SELECT a.policy_id FROM sla_assignments a)"
_CALENDARS = "(SELECT a.calendar_id FROM sla_assignments a)"
_OWN_CALENDARS = "(SELECT v.calendar_id FROM sla_policy_versions v)"
tenancy.set_policy("sla_assignments", tenancy.by_organization())
tenancy.set_policy("sla_policies", _or_assigned(f"id IN {_POLICIES}"))
tenancy.set_policy("sla_policy_versions", _or_assigned(f"policy_id IN {_POLICIES}"))
tenancy.set_policy("sla_calendars", _or_assigned(f"id IN {_CALENDARS} OR id IN {_OWN_CALENDARS}"))
tenancy.set_policy(
    "sla_calendar_versions", _or_assigned(f"calendar_id IN {_CALENDARS} OR calendar_id IN {_OWN_CALENDARS}")
)
