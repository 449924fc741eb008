"""/announcements: what affects the reader, and the planned window of one as a calendar file."""

import uuid
from typing import Any

from flask import Response

from portal.announcements import actions, labels, queries
from portal.announcements.engine.calendar_file import CalendarEntry, write_calendar
from portal.announcements.routes.blueprint import announcements
from portal.announcements.rules import is_current, is_planned
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page
from portal.web.urls import number_parameter, outside_url


@announcements.get("/announcements")
@on_portal
def index() -> Any:
    """What goes on, what is planned, and what is over."""
    context = ctx()
    live = queries.live_announcements(context)
    return page(
        "announcements/index.html",
        current=[row for row in live if is_current(row, context.now)],
        planned=[row for row in live if is_planned(row, context.now)],
        past=queries.past_page(context, number_parameter("page", 1, highest=50)),
        labels=labels,
    )


@announcements.get("/announcements/<uuid:announcement_id>")
@on_portal
def show(announcement_id: uuid.UUID) -> Any:
    """One announcement with its updates and the places of the reader that it affects."""
    context = ctx()
    row = queries.announcement(context, announcement_id)
    return page(
        "announcements/show.html",
        row=row,
        updates=queries.updates_of(context, row),
        places=queries.places_of(context, row),
        joins=queries.joins_of(context, row),
        joinable=actions.may_join(context, row),
        mode=queries.own_mode(context, row),
        planned=is_planned(row, context.now),
        labels=labels,
    )


@announcements.get("/announcements/<uuid:announcement_id>/calendar.ics")
@on_portal
def calendar(announcement_id: uuid.UUID) -> Any:
    """The planned window for one's own calendar; NotFound where none is planned."""
    context = ctx()
    row = queries.announcement(context, announcement_id)
    if row.starts_at is None or row.ends_at is None:
        raise NotFound
    url = outside_url(f"/announcements/{row.id}")
    entry = CalendarEntry(
        uid=f"{row.id}@{context.provider_id}",
        title=labels.titled(row),
        text=f"{row.body}\n\n{url}",
        url=url,
        begins=row.starts_at,
        ends=row.ends_at,
        written=row.published_at or row.created_at,
        revision=row.version,
    )
    answer = Response(write_calendar(entry), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="announcement.ics"'
    return answer
