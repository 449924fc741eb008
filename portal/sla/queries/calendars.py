"""Calendars with their versions."""

from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.sla.engine.calendar import Calendar, parse_calendar
from portal.sla.models import CalendarVersion, SlaCalendar
from portal.tenants.queries.name_search import fold_column


def calendar_of(row: SlaCalendar) -> Calendar:
    """The support hours of the current version of *row*."""
    return parse_calendar(row.version.content)


def calendars(ctx: Context, *, archived: bool = False) -> Sequence[SlaCalendar]:
    """The calendars that the actor may see, by name, with their current versions."""
    rows = scope(ctx.actor, SlaCalendar).where(SlaCalendar.archived.is_(archived))
    rows = rows.order_by(fold_column(SlaCalendar.name), SlaCalendar.id).options(joinedload(SlaCalendar.version))
    return ctx.session.scalars(rows.limit(500)).all()


def calendar(ctx: Context, calendar_id: Id, *, lock: bool = False) -> SlaCalendar:
    """One calendar with its current version; NotFound otherwise."""
    if lock:
        load(ctx, SlaCalendar, SlaCalendar.id == calendar_id, lock=True)
    return load(ctx, SlaCalendar, SlaCalendar.id == calendar_id, options=[joinedload(SlaCalendar.version)], fresh=lock)


def calendar_versions(ctx: Context, calendar: SlaCalendar) -> Sequence[CalendarVersion]:
    """Every version of *calendar*, the newest first."""
    rows = scope(ctx.actor, CalendarVersion).where(CalendarVersion.calendar_id == calendar.id)
    return ctx.session.scalars(rows.order_by(CalendarVersion.number.desc()).limit(200)).all()
