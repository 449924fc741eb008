"""Environments: where the affected person works."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models.accounts import ACCOUNT


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


tenancy.set_policy("environments", tenancy.by_organization(granted="account_id"))
config_cache.register_config_tables("environments")
