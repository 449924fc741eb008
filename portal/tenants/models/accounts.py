"""Service accounts of an organization, their former keys, case counters and bought services."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned
from portal.tenants.models.organizations import ORGANIZATION, Organization
from portal.tenants.models.providers import QUESTION_DAYS

ACCOUNT = ["accounts.provider_id", "accounts.organization_id", "accounts.id"]


class Account(ProviderOwned):
    """A service account of an organization. Its key opens every case number."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "id"),
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id", "organization_id"], ORGANIZATION),
        CheckConstraint(QUESTION_DAYS, name="question_days"),
        CheckConstraint("severity_floor BETWEEN 1 AND 4", name="severity_floor"),
        CheckConstraint("key ~ '^[A-Z][A-Z0-9]{1,9}$'", name="key"),
        ForeignKeyConstraint(["provider_id", "manager_id"], ["staff_members.provider_id", "staff_members.id"]),
        Index("ix_accounts_organization", "organization_id"),
        Index("ix_accounts_folded", "provider_id", text("folded(name)"), "id"),
        Index(
            "ix_accounts_words",
            text("to_tsvector('simple', (folded(name) || ' ') || lower(key))"),
            postgresql_using="gin",
        ),
    )
    organization_id: Mapped[uuid.UUID]
    key: Mapped[str] = mapped_column(String(10))
    name: Mapped[str]
    # The account manager: somebody of staff whom the client knows.
    manager_id: Mapped[uuid.UUID | None]
    # A very important account: its cases are at least this severe (rank; None: as everybody's).
    severity_floor: Mapped[int | None] = mapped_column(SmallInteger)
    # As the provider's columns of these names (None: as the provider's).
    first_reminder_days: Mapped[int | None] = mapped_column(SmallInteger)
    second_reminder_days: Mapped[int | None] = mapped_column(SmallInteger)
    proposal_days: Mapped[int | None] = mapped_column(SmallInteger)
    # A suspended account opens no cases; the sentence is what its people read.
    suspended: Mapped[str] = mapped_column(default="")
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
    organization: Mapped[Organization] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def account_id(self) -> uuid.UUID:
        """Its own place, so that permissions and events treat it like what is inside it."""
        return self.id


class AccountAlias(ProviderOwned):
    """A former key of an account: case keys are for ever."""

    __tablename__ = "account_aliases"
    __table_args__ = (
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    key: Mapped[str] = mapped_column(String(10))


class AccountCounter(ProviderOwned):
    """The last case number of an account; locked last and for a moment, so numbers have no gaps."""

    __tablename__ = "account_counters"
    __table_args__ = (
        UniqueConstraint("account_id"),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    last_number: Mapped[int] = mapped_column(default=0)


class AccountService(ProviderOwned):
    """A service that an account has bought."""

    __tablename__ = "account_services"
    __table_args__ = (
        UniqueConstraint("account_id", "service_id"),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
        ForeignKeyConstraint(["provider_id", "service_id"], ["services.provider_id", "services.id"]),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    service_id: Mapped[uuid.UUID]


tenancy.set_policy("accounts", tenancy.by_organization(also=f"id IN {tenancy.granted_column('account_id')}"))
tenancy.set_policy("account_aliases", tenancy.by_organization(granted="account_id"))
tenancy.set_policy("account_counters", tenancy.by_organization())
tenancy.set_policy("account_services", tenancy.by_organization())
# Announcements for a service reach whoever bought it.
config_cache.register_config_tables("accounts", "account_services")
