"""Tasks of cases."""

import datetime as dt
import uuid

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.cases.models.case import CASE, PLACE
from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned
from portal.tenants.models import StaffMember


class CaseTask(ProviderOwned):
    """One thing to do on a case. While a mandatory one is open, the case cannot be resolved."""

    __tablename__ = "case_tasks"
    __table_args__ = (
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "assignee_id"], ["staff_members.provider_id", "staff_members.id"]),
        ForeignKeyConstraint(["provider_id", "done_by_id"], ["users.provider_id", "users.id"]),
        Index("ix_case_tasks_case", "case_id", "position"),
        Index("ix_case_tasks_assignee", "assignee_id", "due_on", postgresql_where="done_at IS NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    position: Mapped[int]
    text: Mapped[str]
    mandatory: Mapped[bool] = mapped_column(default=False)
    assignee_id: Mapped[uuid.UUID | None]
    # A day of the calendar, the same for every reader.
    due_on: Mapped[dt.date | None]
    done_at: Mapped[dt.datetime | None]
    done_by_id: Mapped[uuid.UUID | None]
    added_at: Mapped[dt.datetime]
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    assignee: Mapped[StaffMember | None] = relationship(lazy="raise_on_sql", viewonly=True)
    done_by: Mapped[User | None] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def open(self) -> bool:
        return self.done_at is None


tenancy.set_policy("case_tasks", tenancy.by_staff())
