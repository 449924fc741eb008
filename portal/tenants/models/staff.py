"""The provider's own people: role, tier, departments and the accounts they look after."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.identity.models import User
from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models.departments import Department


class StaffMember(ProviderOwned):
    """A user's place at the provider."""

    __tablename__ = "staff_members"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("role IN ('agent', 'lead', 'admin', 'platform_admin', 'auditor')", name="role"),
        CheckConstraint("tier BETWEEN 1 AND 3", name="tier"),
    )
    user_id: Mapped[uuid.UUID]
    role: Mapped[str] = mapped_column(key_type())
    tier: Mapped[int] = mapped_column(default=1)
    all_accounts: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    accounts: Mapped[list["StaffAccount"]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    departments: Mapped[list["StaffDepartment"]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class StaffAccount(ProviderOwned):
    """An account that a staff member looks after (only read while `all_accounts` is off)."""

    __tablename__ = "staff_accounts"
    __table_args__ = (
        UniqueConstraint("staff_id", "account_id"),
        ForeignKeyConstraint(["provider_id", "staff_id"], ["staff_members.provider_id", "staff_members.id"]),
        ForeignKeyConstraint(["provider_id", "account_id"], ["accounts.provider_id", "accounts.id"]),
        Index("ix_staff_accounts_account", "account_id"),
    )
    staff_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]


class StaffDepartment(ProviderOwned):
    """A department that a staff member works in."""

    __tablename__ = "staff_departments"
    __table_args__ = (
        UniqueConstraint("staff_id", "department_id"),
        ForeignKeyConstraint(["provider_id", "staff_id"], ["staff_members.provider_id", "staff_members.id"]),
        ForeignKeyConstraint(["provider_id", "department_id"], ["departments.provider_id", "departments.id"]),
    )
    staff_id: Mapped[uuid.UUID]
    department_id: Mapped[uuid.UUID]
    # When the department gave this member a case by itself last.
    served_at: Mapped[dt.datetime | None]
    department: Mapped[Department] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("staff_members", tenancy.by_provider())
tenancy.set_policy("staff_accounts", tenancy.by_staff())
tenancy.set_policy("staff_departments", tenancy.by_staff())
config_cache.register_config_tables("staff_members")
