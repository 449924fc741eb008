"""Severity levels: the ranks of a provider, with names and descriptions."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type


class SeverityLevel(ProviderOwned):
    """One severity level of a provider. Rank 1 is the worst."""

    __tablename__ = "severity_levels"
    __table_args__ = (
        UniqueConstraint("provider_id", "rank"),
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        CheckConstraint("rank BETWEEN 1 AND 4", name="rank"),
    )
    key: Mapped[str] = mapped_column(key_type())
    rank: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")


tenancy.set_policy("severity_levels", tenancy.by_provider())
config_cache.register_config_tables("severity_levels")
