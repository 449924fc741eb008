"""Ways to sign in by OpenID Connect, the domains and directories of organizations, and the sign-ins that people have
there."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.sso.engine.kinds import EMAIL_DOMAIN, OPENID
from portal.tenants.models import Account, Organization

ORGANIZATION = ["organizations.provider_id", "organizations.id"]
ACCOUNT = ["accounts.provider_id", "accounts.organization_id", "accounts.id"]


class SignInWay(ProviderOwned):
    """An identity provider by which people sign in: the provider's own, or that of one organization."""

    __tablename__ = "sign_in_ways"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "name"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "organization_id"], ORGANIZATION),
        CheckConstraint("kind IN ('google', 'microsoft', 'openid')", name="kind"),
        CheckConstraint("NOT enforced OR organization_id IS NOT NULL", name="enforced"),
        Index("ix_sign_in_ways_organization", "organization_id"),
    )
    # What stands in its addresses, and is the method of its sessions.
    name: Mapped[str] = mapped_column(key_type())
    label: Mapped[str]
    kind: Mapped[str] = mapped_column(key_type(), default=OPENID)
    # '' for Google and Microsoft: the setting of the installation.
    issuer: Mapped[str] = mapped_column(default="")
    client_id: Mapped[str]
    # Encrypted; '' for an application without a secret.
    client_secret: Mapped[str] = mapped_column(default="")
    # Scheme and host of the page to which browsers are sent, as last discovered; '' before that.
    authorize_origin: Mapped[str] = mapped_column(default="")
    # None: for everybody whose domain or directory is known.
    organization_id: Mapped[uuid.UUID | None]
    enabled: Mapped[bool] = mapped_column(default=False)
    # The members of the organization sign in by it and not with a password or a mailed link.
    enforced: Mapped[bool] = mapped_column(default=False)
    # When somebody of the administration last came back from it with a valid answer.
    tested_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
    organization: Mapped[Organization | None] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def secret_purpose(self) -> str:
        """What the encrypted secret is bound to."""
        return f"sign-in way {self.id}"


class OrganizationDomain(ProviderOwned):
    """A domain of e-mail addresses, or a directory of Microsoft Entra, that belongs to an organization; of the provider
    itself where it names none."""

    __tablename__ = "organization_domains"
    __table_args__ = (
        UniqueConstraint("provider_id", "kind", "value"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "organization_id"], ORGANIZATION),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
        CheckConstraint("kind IN ('email', 'microsoft')", name="kind"),
        CheckConstraint("role IN ('requester', 'member', 'coordinator')", name="role"),
        Index("ix_organization_domains_organization", "organization_id"),
    )
    organization_id: Mapped[uuid.UUID | None]
    kind: Mapped[str] = mapped_column(key_type(), default=EMAIL_DOMAIN)
    # In lower case.
    value: Mapped[str] = mapped_column(String(253))
    # Where newcomers get access, and as what; None: only people who are listed already sign in.
    account_id: Mapped[uuid.UUID | None]
    role: Mapped[str] = mapped_column(key_type(), default="requester")
    created_at: Mapped[dt.datetime]
    organization: Mapped[Organization | None] = relationship(lazy="raise_on_sql", viewonly=True)
    account: Mapped[Account | None] = relationship(
        lazy="raise_on_sql", viewonly=True, primaryjoin="OrganizationDomain.account_id == foreign(Account.id)"
    )


class LinkedSignIn(ProviderOwned):
    """A person's account at an identity provider, found by issuer and subject and by nothing else."""

    __tablename__ = "linked_sign_ins"
    __table_args__ = (
        UniqueConstraint("provider_id", "issuer", "subject"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "way_id"], ["sign_in_ways.provider_id", "sign_in_ways.id"]),
        Index("ix_linked_sign_ins_user", "user_id"),
        Index("ix_linked_sign_ins_way", "way_id"),
        Index("ix_linked_sign_ins_waiting", "provider_id", "linked_at", postgresql_where="waiting"),
    )
    # Of one that waits: whoever holds its address.
    user_id: Mapped[uuid.UUID]
    way_id: Mapped[uuid.UUID]
    # Of Microsoft with the directory in it.
    issuer: Mapped[str]
    subject: Mapped[str] = mapped_column(String(255))
    # The address that the identity provider named last; never used to find a person.
    email: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    linked_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]
    # It came with the address of somebody who has another account there: nobody signs in by it before an administrator
    # has decided whose it is.
    waiting: Mapped[bool] = mapped_column(default=False)
    # Sessions there (`sid`), the newest last, for logout by the back channel.
    sids: Mapped[list[Any]] = mapped_column(default=list)
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    way: Mapped[SignInWay] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("sign_in_ways", tenancy.by_organization())
tenancy.set_policy("organization_domains", tenancy.by_organization())
tenancy.set_policy(
    "linked_sign_ins",
    f"{tenancy.by_provider()} AND (user_id = {tenancy.USER} OR {tenancy.STAFF_OR_SYSTEM})",
)
