"""The journal of the access of staff to private cases."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.cases.models.case import CASE, PLACE
from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type

READ, FILE, AS_CUSTOMER = "read", "file", "as_customer"
# Why somebody of the staff could read the case at that moment.
OWNER, DEPARTMENT, ACCOUNT = "owner", "department", "account"


class StaffAccess(ProviderOwned):
    """What one of the staff did with one private case on one day (UTC): opened its pages, downloaded a file, or looked
    at it as its customer. *stated* is the reason that they gave, for the last kind."""

    __tablename__ = "staff_access"
    __table_args__ = (
        UniqueConstraint("provider_id", "case_id", "user_id", "kind", "day"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint(f"kind IN ('{READ}', '{FILE}', '{AS_CUSTOMER}')", name="kind"),
        CheckConstraint(f"relation IN ('{OWNER}', '{DEPARTMENT}', '{ACCOUNT}')", name="relation"),
        Index("ix_staff_access_latest", "organization_id", "last_at", "id"),
        Index("ix_staff_access_provider", "provider_id", "last_at"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    kind: Mapped[str] = mapped_column(key_type())
    day: Mapped[dt.date]
    relation: Mapped[str] = mapped_column(key_type())
    stated: Mapped[str] = mapped_column(default="")
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("staff_access", tenancy.by_organization())
