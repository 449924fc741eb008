"""The answers of a provider's own impact scale."""

from sqlalchemy import ForeignKeyConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type


class SeverityAnswer(ProviderOwned):
    """An answer of a provider's impact scale, with the level that it means."""

    __tablename__ = "severity_answers"
    __table_args__ = (
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "rank"], ["severity_levels.provider_id", "severity_levels.rank"]),
    )
    key: Mapped[str] = mapped_column(key_type())
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    rank: Mapped[int] = mapped_column(SmallInteger)


tenancy.set_policy("severity_answers", tenancy.by_provider())
