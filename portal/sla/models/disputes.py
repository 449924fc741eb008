"""Objections to how the time of a case was counted."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.sla.models.clocks import CASE_COLUMNS, CASE_KEY


class Objection(ProviderOwned):
    """A customer's objection to how one segment of a clock was counted; support answers once (N3)."""

    __tablename__ = "sla_objections"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(CASE_COLUMNS, CASE_KEY),
        ForeignKeyConstraint(["provider_id", "by_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("verdict IN ('', 'agreed', 'kept')", name="verdict"),
        Index("ix_sla_objections_case", "case_id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    clock_id: Mapped[uuid.UUID]
    # The segment, by its place in the clock, and by its start for the case that the clock is recomputed.
    segment: Mapped[int] = mapped_column(SmallInteger)
    segment_start: Mapped[dt.datetime]
    text: Mapped[str]
    by_id: Mapped[uuid.UUID]
    made_at: Mapped[dt.datetime]
    answer: Mapped[str] = mapped_column(default="")
    verdict: Mapped[str] = mapped_column(key_type(), default="")
    answered_by_id: Mapped[uuid.UUID | None]
    answered_at: Mapped[dt.datetime | None]
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    by: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("sla_promises", tenancy.by_organization(granted="case_id"))
tenancy.set_policy("sla_objections", tenancy.by_organization(granted="case_id"))
