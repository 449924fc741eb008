"""Calendars with their versions."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.sla.engine.calendar import Calendar, CalendarProblem, parse_calendar
from portal.sla.models import CalendarVersion, SlaCalendar
from portal.sla.rule_versions import RuleVersions
from portal.tenants.queries.name_search import fold_column

# Support hours as later features know them.
SupportHours = Calendar


def next_opening(hours: SupportHours, now: dt.datetime) -> dt.datetime | None:
    """When *hours* open after *now*; None where they never do again."""
    try:
        return hours.next_opening(now)
    except CalendarProblem:
        return None


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


def hours_of(ctx: Context, calendar_id: Id) -> Calendar:
    """The support hours of the current version of one calendar of the provider, for whoever is told about them;
    NotFound otherwise. A process parses a version once."""
    with as_system(ctx) as inner:
        row = calendar(inner, calendar_id)
        return RuleVersions(inner).calendar(row.version.id)
