"""Services that accounts can buy."""

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type


class Service(ProviderOwned):
    """Something an account can buy; a request type may require it."""

    __tablename__ = "services"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    key: Mapped[str] = mapped_column(key_type())
    name: Mapped[str]


tenancy.set_policy("services", tenancy.by_provider())
config_cache.register_config_tables("services")
