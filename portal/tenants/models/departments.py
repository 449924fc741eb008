"""Departments: parts of support that a case can be routed to."""

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type


class Department(ProviderOwned):
    """A part of support that a case may be routed to."""

    __tablename__ = "departments"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    key: Mapped[str] = mapped_column(key_type())
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


tenancy.set_policy("departments", tenancy.by_provider())
config_cache.register_config_tables("departments")
