"""Contacts: a user's place in an organization, with access rows."""

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models.accounts import ACCOUNT, Account
from portal.tenants.models.environments import Environment
from portal.tenants.models.organizations import ORGANIZATION, Organization


class Contact(ProviderOwned):
    """A user's place in an organization; the access rows hold what they may do there."""

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "id", "user_id"),
        UniqueConstraint("organization_id", "user_id"),
        UniqueConstraint("provider_id", "organization_id", "id"),
        ForeignKeyConstraint(["provider_id", "organization_id"], ORGANIZATION),
        # Inside one organization, so that no line crosses to another client.
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "reports_to_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id"],
            ondelete="SET NULL (reports_to_id)",
        ),
        CheckConstraint("reports_to_id <> id", name="reports_to_another"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("severity_floor BETWEEN 1 AND 4", name="severity_floor"),
        Index("ix_contacts_user", "user_id"),
        Index("ix_contacts_reports_to", "reports_to_id"),
    )
    organization_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(default="")
    # A very important person: cases about them are at least this severe (rank; None: as everybody).
    severity_floor: Mapped[int | None] = mapped_column(SmallInteger)
    # The place of their manager. `actions.reporting_lines` is the only writer, and keeps the lines free of loops.
    reports_to_id: Mapped[uuid.UUID | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    organization: Mapped[Organization] = relationship(lazy="raise_on_sql", viewonly=True)
    access: Mapped[list["ContactAccess"]] = relationship(
        back_populates="contact", lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ContactAccess.id"
    )


class AccessSource(StrEnum):
    """Who gave an access row."""

    HAND = "hand"
    # The identity provider added the person; nobody changed the row since.
    DEFAULT = "default"
    # A group of the identity provider: changed there, not by hand.
    GROUP = "group"


class ContactAccess(ProviderOwned):
    """A role of a contact in an account, or in one environment of it."""

    __tablename__ = "contact_access"
    __table_args__ = (
        UniqueConstraint("contact_id", "account_id", "environment_id", postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            ["environments.provider_id", "environments.organization_id", "environments.account_id", "environments.id"],
        ),
        CheckConstraint("role IN ('requester', 'member', 'coordinator', 'organization_admin')", name="role"),
        CheckConstraint("source IN ('hand', 'default', 'group')", name="source"),
        Index("ix_contact_access_account", "account_id"),
        Index("ix_contact_access_user", "user_id"),
    )
    organization_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    environment_id: Mapped[uuid.UUID | None]
    role: Mapped[str] = mapped_column(key_type())
    source: Mapped[str] = mapped_column(key_type(), default=AccessSource.HAND.value, server_default="hand")
    contact: Mapped[Contact] = relationship(back_populates="access", lazy="raise_on_sql")
    account: Mapped[Account] = relationship(lazy="raise_on_sql", viewonly=True)
    environment: Mapped[Environment | None] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("contacts", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
tenancy.set_policy("contact_access", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
