"""Support hours: calendars, and their versions, which never change."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel import config_cache
from portal.kernel.database import ProviderOwned


class SlaCalendar(ProviderOwned):
    """Named support hours; the version `current` holds their content."""

    __tablename__ = "sla_calendars"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    name: Mapped[str]
    current: Mapped[int] = mapped_column(default=1)
    archived: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]
    version: Mapped["CalendarVersion"] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        uselist=False,
        primaryjoin="and_(SlaCalendar.id == foreign(CalendarVersion.calendar_id),"
        " SlaCalendar.current == foreign(CalendarVersion.number))",
    )


class CalendarVersion(ProviderOwned):
    """One immutable version of a calendar: `engine.calendar.parse_calendar` reads `content`."""

    __tablename__ = "sla_calendar_versions"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("calendar_id", "number"),
        ForeignKeyConstraint(["provider_id", "calendar_id"], ["sla_calendars.provider_id", "sla_calendars.id"]),
    )
    calendar_id: Mapped[uuid.UUID]
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    made_at: Mapped[dt.datetime]
    made_by_id: Mapped[uuid.UUID | None]
    calendar: Mapped[SlaCalendar] = relationship(lazy="raise_on_sql", viewonly=True)


# Pages say whether a number of support is answered now (`calls.queries.hotlines`).
config_cache.register_config_tables("sla_calendars")
