"""The access of identity providers to the people of one organization, and what they call those people."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import Account, Organization


class ScimClient(ProviderOwned):
    """The identity provider of one organization, which adds and removes its people with a token."""

    __tablename__ = "scim_clients"
    __table_args__ = (
        UniqueConstraint("organization_id"),
        UniqueConstraint("token_hash"),
        ForeignKeyConstraint(["provider_id", "organization_id"], ["organizations.provider_id", "organizations.id"]),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        CheckConstraint("role IN ('requester', 'member', 'coordinator')", name="role"),
    )
    organization_id: Mapped[uuid.UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    # The access of whom it adds.
    account_id: Mapped[uuid.UUID]
    role: Mapped[str] = mapped_column(key_type(), default="requester")
    created_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]
    organization: Mapped[Organization] = relationship(lazy="raise_on_sql", viewonly=True)
    account: Mapped[Account] = relationship(
        lazy="raise_on_sql", viewonly=True, primaryjoin="ScimClient.account_id == foreign(Account.id)"
    )


class ScimPerson(ProviderOwned):
    """What an identity provider calls a person of its organization."""

    __tablename__ = "scim_people"
    __table_args__ = (
        UniqueConstraint("contact_id"),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        Index("ix_scim_people_external", "organization_id", "external_id"),
    )
    organization_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    external_id: Mapped[str] = mapped_column(String(255), default="", server_default="")
    changed_at: Mapped[dt.datetime]
    # The identity provider deleted them: it sees them no more, until it adds them again.
    removed_at: Mapped[dt.datetime | None]


class ScimGroup(ProviderOwned):
    """A group of people that an identity provider sent."""

    __tablename__ = "scim_groups"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "id"),
        UniqueConstraint("organization_id", "name_folded"),
        ForeignKeyConstraint(["provider_id", "organization_id"], ["organizations.provider_id", "organizations.id"]),
    )
    organization_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(String(255))
    # The name in lower case, as SCIM compares names of groups.
    name_folded: Mapped[str]
    external_id: Mapped[str] = mapped_column(String(255), default="", server_default="")
    created_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]


class ScimGroupMember(ProviderOwned):
    """A person in a group of an identity provider."""

    __tablename__ = "scim_group_members"
    __table_args__ = (
        UniqueConstraint("group_id", "contact_id"),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "group_id"],
            ["scim_groups.provider_id", "scim_groups.organization_id", "scim_groups.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        Index("ix_scim_group_members_contact", "contact_id"),
    )
    organization_id: Mapped[uuid.UUID]
    group_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]


class ScimGroupRole(ProviderOwned):
    """The role that a group gives in an account. The group is named, and may not have been sent yet."""

    __tablename__ = "scim_group_roles"
    __table_args__ = (
        UniqueConstraint("organization_id", "group_folded", "account_id"),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        CheckConstraint("role IN ('requester', 'member', 'coordinator', 'organization_admin')", name="role"),
    )
    organization_id: Mapped[uuid.UUID]
    # The name of the group, or its id at the identity provider (externalId), as it was typed.
    group: Mapped[str] = mapped_column("group_name", String(255))
    group_folded: Mapped[str]
    account_id: Mapped[uuid.UUID]
    role: Mapped[str] = mapped_column(key_type())
    created_at: Mapped[dt.datetime]
    account: Mapped[Account] = relationship(
        lazy="raise_on_sql", viewonly=True, primaryjoin="ScimGroupRole.account_id == foreign(Account.id)"
    )


tenancy.set_policy("scim_clients", tenancy.by_staff())
tenancy.set_policy("scim_people", tenancy.by_staff())
tenancy.set_policy("scim_groups", tenancy.by_staff())
tenancy.set_policy("scim_group_members", tenancy.by_staff())
tenancy.set_policy("scim_group_roles", tenancy.by_staff())
