"""The client side: organizations, their accounts and environments, and the people in them."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.identity.models import User
from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type

ORGANIZATION = ["organizations.provider_id", "organizations.id"]
ACCOUNT = ["accounts.provider_id", "accounts.organization_id", "accounts.id"]


class Organization(ProviderOwned):
    """A client company: the sharing boundary, with its own rules for what members see."""

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "slug"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        CheckConstraint("default_visibility IN ('private', 'shared')", name="default_visibility"),
        Index("ix_organizations_folded", "provider_id", text("folded(name)"), "id"),
    )
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(String(60))
    default_visibility: Mapped[str] = mapped_column(key_type(), default="private")
    admins_see_private: Mapped[bool] = mapped_column(default=False)
    requesters_see_shared: Mapped[bool] = mapped_column(default=False)
    # Whether addresses of strangers may be put in copy.
    outside_copy: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def organization_id(self) -> uuid.UUID:
        """Its own place, so that permissions and events treat it like what is inside it."""
        return self.id


class Account(ProviderOwned):
    """A service account of an organization. Its key opens every case number."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "id"),
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id", "organization_id"], ORGANIZATION),
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


class Environment(ProviderOwned):
    """Where the affected person works: a tenant, site or profile of an account."""

    __tablename__ = "environments"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "account_id", "id"),
        UniqueConstraint("account_id", "name"),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
        CheckConstraint("kind IN ('production', 'test', 'development')", name="kind"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(key_type(), default="production")
    active: Mapped[bool] = mapped_column(default=True)


class Contact(ProviderOwned):
    """A user's place in an organization; what they may do there stands in the access rows."""

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "id", "user_id"),
        UniqueConstraint("organization_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "organization_id"], ORGANIZATION),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("severity_floor BETWEEN 1 AND 4", name="severity_floor"),
        Index("ix_contacts_user", "user_id"),
    )
    organization_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(default="")
    # A very important person: cases about them are at least this severe (rank; None: as everybody).
    severity_floor: Mapped[int | None] = mapped_column(SmallInteger)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    organization: Mapped[Organization] = relationship(lazy="raise_on_sql", viewonly=True)
    access: Mapped[list["ContactAccess"]] = relationship(
        back_populates="contact", lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ContactAccess.id"
    )


class ContactAccess(ProviderOwned):
    """A role of a contact in an account, or in one environment of it."""

    __tablename__ = "contact_access"
    __table_args__ = (
        UniqueConstraint("contact_id", "account_id", "environment_id", postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
        ),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            ["environments.provider_id", "environments.organization_id", "environments.account_id", "environments.id"],
        ),
        CheckConstraint("role IN ('requester', 'member', 'coordinator', 'organization_admin')", name="role"),
        Index("ix_contact_access_account", "account_id"),
        Index("ix_contact_access_user", "user_id"),
    )
    organization_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    environment_id: Mapped[uuid.UUID | None]
    role: Mapped[str] = mapped_column(key_type())
    contact: Mapped[Contact] = relationship(back_populates="access", lazy="raise_on_sql")
    account: Mapped[Account] = relationship(lazy="raise_on_sql", viewonly=True)
    environment: Mapped[Environment | None] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.protect(
    "organizations",
    tenancy.by_organization("id", also=f"id IN {tenancy.granted_column('organization_id')}"),
)
tenancy.protect("accounts", tenancy.by_organization(also=f"id IN {tenancy.granted_column('account_id')}"))
tenancy.protect("account_aliases", tenancy.by_organization(granted="account_id"))
tenancy.protect("account_counters", tenancy.by_organization())
tenancy.protect("account_services", tenancy.by_organization())
tenancy.protect("environments", tenancy.by_organization(granted="account_id"))
tenancy.protect("contacts", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
tenancy.protect("contact_access", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
config_cache.register_config_tables("organizations", "accounts", "environments")
