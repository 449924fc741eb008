"""Writes on calendars. A change is a new version; running clocks are recomputed by a run with progress."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.sla.actions.changes import check_expected_version, clean_free_name, list_differences
from portal.sla.actions.runs import start_recompute
from portal.sla.engine import calendar as calendars
from portal.sla.engine.calendar import Calendar, CalendarProblem
from portal.sla.models import Assignment, CalendarVersion, PolicyVersion, Run, SlaCalendar, SlaPolicy
from portal.sla.queries import calendars as calendar_queries
from portal.sla.refusals import refusal_of


def read_calendar(content: Mapping[str, Any]) -> Calendar:
    """The calendar that *content* describes (see `engine.calendar.parse_calendar`). Raises Refused with the field."""
    try:
        return calendars.parse_calendar(content)
    except CalendarProblem as problem:
        raise refusal_of(problem) from None


def add_calendar(ctx: Context, *, name: str, content: Mapping[str, Any]) -> SlaCalendar:
    """New support hours, version 1; records `calendar.added`. Raises Refused for a name that is taken or for hours
    that cannot be counted with."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    found = read_calendar(content)
    row = SlaCalendar(provider_id=ctx.provider_id, name=clean_free_name(ctx, SlaCalendar, name), created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    _calendar_version(ctx, row, found)
    record(ctx, "calendar.added", row, name=row.name)
    return row


def change_calendar(
    ctx: Context, row: SlaCalendar, *, name: str, content: Mapping[str, Any], seen: int | None = None
) -> Run | None:
    """A new version of the hours, from now on; records `calendar.changed` (facts: version, changed).

    Running clocks are recomputed by the run that is returned; None if only the name changed. *seen* is the version on
    the writer's screen: Conflict if it is no longer the current one.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = load(ctx, SlaCalendar, SlaCalendar.id == row.id, lock=True)
    check_expected_version(row, seen)
    found = read_calendar(content)
    before = calendar_queries.calendar(ctx, row.id).version.content
    changed: dict[str, Any] = {}
    if name != row.name:
        changed["name"] = [row.name, name]
        row.name = clean_free_name(ctx, SlaCalendar, name, row)
    run = None
    if found.data() != before:
        changed |= list_differences(before, found.data())
        row.current += 1
        _calendar_version(ctx, row, found)
        run = start_recompute(ctx, {"calendar": str(row.id)})
    if changed:
        record(ctx, "calendar.changed", row, version=row.current, changed=changed)
    return run


def archive_calendar(ctx: Context, row: SlaCalendar, *, archived: bool = True) -> None:
    """Take a calendar off the lists, or bring it back; records `calendar.archived`. Raises Conflict while an agreement
    or a policy uses it."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if archived and calendar_in_use(ctx, row):
        raise Conflict(_("%(name)s is in use and cannot be removed.", name=row.name))
    row.archived = archived
    ctx.session.flush()
    record(ctx, "calendar.archived", row, archived=archived)


def calendar_in_use(ctx: Context, row: SlaCalendar) -> bool:
    """Whether an assignment names the calendar, or the current version of a policy that is not archived."""
    named = select(Assignment.id).where(Assignment.calendar_id == row.id).limit(1)
    own = (
        select(PolicyVersion.id)
        .join(SlaPolicy, (SlaPolicy.id == PolicyVersion.policy_id) & (SlaPolicy.current == PolicyVersion.number))
        .where(PolicyVersion.calendar_id == row.id, SlaPolicy.archived.is_(False))
        .limit(1)
    )
    return bool(ctx.session.scalar(named) or ctx.session.scalar(own))


def _calendar_version(ctx: Context, row: SlaCalendar, found: Calendar) -> None:
    ctx.session.add(
        CalendarVersion(
            id=new_id(),
            provider_id=ctx.provider_id,
            calendar_id=row.id,
            number=row.current,
            content=found.data(),
            made_at=ctx.now,
            made_by_id=ctx.actor.user_id,
        )
    )
    ctx.session.flush()
