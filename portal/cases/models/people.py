"""Grants, exclusions and subscriptions of people on one case."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models.case import CASE, PLACE
from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import Organization


class CaseGrant(ProviderOwned):
    """A person (participant, reader, affected) or a further organization that was let into one case."""

    __tablename__ = "case_grants"
    __table_args__ = (
        UniqueConstraint("case_id", "user_id"),
        UniqueConstraint("case_id", "to_organization_id"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            ["environments.provider_id", "environments.organization_id", "environments.account_id", "environments.id"],
            name="fk_case_grants_environment",
        ),
        ForeignKeyConstraint(["provider_id", "to_organization_id"], ["organizations.provider_id", "organizations.id"]),
        CheckConstraint("kind IN ('participant', 'reader', 'affected', 'organization')", name="kind"),
        CheckConstraint("(user_id IS NULL) <> (to_organization_id IS NULL)", name="one_receiver"),
        Index("ix_case_grants_user", "user_id", "case_id"),
        Index("ix_case_grants_organization", "to_organization_id", "case_id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    kind: Mapped[str] = mapped_column(key_type())
    user_id: Mapped[uuid.UUID | None]
    to_organization_id: Mapped[uuid.UUID | None]
    added_by_id: Mapped[uuid.UUID | None]
    added_at: Mapped[dt.datetime]
    # Of affected people: where it hits them, how, and when they accepted a solution (one of before counts no more).
    environment_id: Mapped[uuid.UUID | None]
    impact: Mapped[str] = mapped_column(default="", server_default="")
    accepted_at: Mapped[dt.datetime | None]
    user: Mapped[User | None] = relationship(lazy="raise_on_sql", viewonly=True)
    to_organization: Mapped[Organization | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="CaseGrant.to_organization_id == Organization.id",
        foreign_keys="CaseGrant.to_organization_id",
    )


class CaseExclusion(ProviderOwned):
    """A person who must never see the case. It overrides every role, grant, list, count, search and mail."""

    __tablename__ = "case_exclusions"
    __table_args__ = (
        UniqueConstraint("case_id", "user_id"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_case_exclusions_user", "user_id", "case_id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    added_by_id: Mapped[uuid.UUID | None]
    added_at: Mapped[dt.datetime]
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)


class CaseSubscription(ProviderOwned):
    """The notifications that a person chose for one case: mode `follow` or `mute`."""

    __tablename__ = "case_follows"
    __table_args__ = (
        UniqueConstraint("case_id", "user_id"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("wish IN ('follow', 'mute')", name="wish"),
        Index("ix_case_follows_user", "user_id", "wish"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    mode: Mapped[str] = mapped_column("wish", key_type())


# Other policies read grants, so the policy of grants reads no other table (DESIGN 2, wall c).
tenancy.set_policy(
    "case_grants",
    tenancy.by_organization(also=f"user_id = {tenancy.USER} OR to_organization_id = ANY({tenancy.ORGANIZATIONS})"),
)
tenancy.set_policy("case_exclusions", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
tenancy.set_policy("case_follows", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
