"""Departments: parts of support that a case can be routed to."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type

# The largest number of open cases that a department may name as the most of one person.
MOST_OPEN = 999


class Department(ProviderOwned):
    """A part of support that a case may be routed to."""

    __tablename__ = "departments"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        CheckConstraint("assignment IN ('by_hand', 'by_turn', 'fewest_open')", name="assignment"),
        CheckConstraint(f"most_open BETWEEN 1 AND {MOST_OPEN}", name="most_open"),
    )
    key: Mapped[str] = mapped_column(key_type())
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    # How a new case without an owner finds one (`portal.assignment.rules.Way`).
    assignment: Mapped[str] = mapped_column(key_type(), default="by_hand")
    # Nobody is given a case who has this many whose turn is ours; None: no limit.
    most_open: Mapped[int | None] = mapped_column(SmallInteger)


tenancy.set_policy("departments", tenancy.by_provider())
config_cache.register_config_tables("departments")
