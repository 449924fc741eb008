"""The account in which a person of several accounts opens cases unless they say another."""

import uuid

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned
from portal.tenants.models.accounts import ACCOUNT


class DefaultAccount(ProviderOwned):
    """A person's choice. It counts while they may open cases in the account."""

    __tablename__ = "default_accounts"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
        Index("ix_default_accounts_account", "account_id"),
    )
    user_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]


tenancy.set_policy("default_accounts", tenancy.by_owner())
