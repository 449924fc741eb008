"""Time that staff worked on cases."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.cases.models.case import CASE, PLACE
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned
from portal.tenants.models import StaffMember

STAFF = ["staff_members.provider_id", "staff_members.id"]


class TimeEntry(ProviderOwned):
    """Minutes that a member of staff worked on a case on one day."""

    __tablename__ = "time_entries"
    __table_args__ = (
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "staff_id"], STAFF),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        Index("ix_time_entries_case", "case_id", "worked_on", "id"),
        Index("ix_time_entries_provider", "provider_id", "worked_on", "id"),
        Index("ix_time_entries_account", "account_id", "worked_on", "id"),
        Index("ix_time_entries_staff", "staff_id", "worked_on", "id"),
        Index("ix_time_entries_once", "staff_id", "once", unique=True, postgresql_where="once IS NOT NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    # Who worked.
    staff_id: Mapped[uuid.UUID]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str]
    billable: Mapped[bool]
    # A day of the calendar, as its author wrote it.
    worked_on: Mapped[dt.date]
    added_at: Mapped[dt.datetime]
    # The form's token: a second press finds the first entry.
    once: Mapped[str | None] = mapped_column(String(64))
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    staff: Mapped[StaffMember] = relationship(lazy="raise_on_sql", viewonly=True)


class CaseTimer(ProviderOwned):
    """What a member of staff's timer of one case measured and nobody saved yet. It runs while `started_at` is set; one
    person has one running timer at most."""

    __tablename__ = "case_timers"
    __table_args__ = (
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "staff_id"], STAFF),
        UniqueConstraint("case_id", "staff_id"),
        CheckConstraint("seconds BETWEEN 0 AND 86400", name="seconds"),
        Index("ix_case_timers_running", "staff_id", unique=True, postgresql_where="started_at IS NOT NULL"),
        Index("ix_case_timers_staff", "staff_id", "case_id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    staff_id: Mapped[uuid.UUID]
    # Measured before `started_at`; a day at most.
    seconds: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime | None]
    # When the timer was started for the first time: the day of the entry that it becomes.
    began_at: Mapped[dt.datetime]
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("time_entries", tenancy.by_staff())
tenancy.set_policy("case_timers", tenancy.by_staff())
