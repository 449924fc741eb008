"""/admin/calendars (A-09): support hours, with a tester that uses the engine."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, url_for
from flask_babel import gettext as _

from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.sla.actions import calendars as calendar_actions
from portal.sla.actions.runs import start_backtest
from portal.sla.engine.calendar import Calendar, CalendarProblem, known_zones
from portal.sla.forms.calendars import DAYS, CalendarForm
from portal.sla.forms.trial import read_trial_moment
from portal.sla.labels.holiday_places import place_name
from portal.sla.labels.opening_hours import next_holidays, week_lines
from portal.sla.models import SlaCalendar
from portal.sla.queries import assignments, impact
from portal.sla.queries import calendars as calendar_queries
from portal.sla.queries.impact import Proposal
from portal.sla.refusals import problem_sentence
from portal.sla.routes.blueprint import configures, confirm_archiving, expected_version, promises, reads, shows_archived
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see

# The dates of a year that the page shows; few places have as many.
HOLIDAYS_SHOWN = 40


@promises.get("/admin/calendars")
@reads
def calendars() -> Any:
    """The list of support hours."""
    context = ctx()
    rows = calendar_queries.calendars(context, archived=shows_archived())
    return page(
        "sla/calendars/index.html",
        rows=rows,
        archived=shows_archived(),
        found={row.id: calendar_queries.calendar_of(row) for row in rows},
        week_of=week_lines,
        place_name=place_name,
    )


@promises.get("/admin/calendars/new")
@configures
def new_calendar() -> Any:
    """New support hours, weekdays from nine to six to begin with."""
    form = CalendarForm(formdata=None, zone=ctx().provider.zone)
    for name in list(DAYS)[:5]:
        getattr(form, name).data = "09:00-18:00"
    return show_form(ctx(), None, form)


@promises.post("/admin/calendars/new")
@configures
def add_calendar() -> Any:
    """Store it; or try it without storing anything."""
    return submit(ctx(), None)


@promises.get("/admin/calendars/<uuid:calendar_id>")
@reads
def calendar(calendar_id: uuid.UUID) -> Any:
    """The page of one calendar."""
    context = ctx()
    row = calendar_queries.calendar(context, calendar_id)
    form = CalendarForm(formdata=None, name=row.name, version=str(row.current))
    form.fill(calendar_queries.calendar_of(row))
    return show_form(context, row, form)


@promises.post("/admin/calendars/<uuid:calendar_id>")
@configures
def change_calendar(calendar_id: uuid.UUID) -> Any:
    """Try it, preview the change, replay the past under it, or save a new version."""
    context = ctx()
    return submit(context, calendar_queries.calendar(context, calendar_id))


def submit(context: Context, row: SlaCalendar | None) -> Any:
    """Do what the pressed button asks for; the page keeps the typed values. A country that was chosen only brings its
    regions and dates."""
    form = CalendarForm()
    if form.do.data == "holidays":
        form.leave_foreign_region()
        return show_form(context, row, form)
    answers: list[Any] = []
    status = submit_form(form, lambda: answers.append(perform(context, row, form)))
    if status == 409 and row is not None:
        row = calendar_queries.calendar(context, row.id)
        form.version.data = str(row.current)
    return show_form(context, row, form, status) if status else answers[0]


def perform(context: Context, row: SlaCalendar | None, form: CalendarForm) -> Any:
    """Try, preview, backtest or save the values of the form; returns the answer."""
    content = form.content()
    draft = calendar_actions.read_calendar(content)
    match form.do.data:
        case "try":
            return show_form(context, row, form, tried=try_calendar(form, draft))
        case "preview" if row is not None:
            hit = impact.preview_impact(context, Proposal(calendar_id=row.id, calendar=draft))
            changed = calendar_queries.calendar_of(row) != draft
            return show_form(context, row, form, impact={"hit": hit, "hours": changed})
        case "backtest" if row is not None:
            run = start_backtest(context, Proposal(calendar_id=row.id, calendar=draft))
            return see(url_for("promises.run", run_id=run.id))
    if row is None:
        made = calendar_actions.add_calendar(context, name=form.name.data, content=content)
        flash(_("%(name)s can be chosen from now on.", name=made.name), "success")
        return see(url_for("promises.calendar", calendar_id=made.id))
    started = calendar_actions.change_calendar(
        context, row, name=form.name.data, content=content, seen=expected_version(form)
    )
    flash(_("Saved."), "success")
    if started is not None and started.total:
        return see(url_for("promises.run", run_id=started.id))
    return see(url_for("promises.calendar", calendar_id=row.id))


def try_calendar(form: CalendarForm, draft: Calendar) -> dict[str, Any]:
    """Whether it is open at that moment, and when so much working time will have passed. Raises Refused."""
    at = read_trial_moment(form.try_at.data, ZoneInfo(draft.zone))
    written = (form.try_span.data or "4").replace(",", ".")
    try:
        hours = float(written)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= 10_000:
        raise Refused(_("Write hours such as 4"), "try_span")
    try:
        return {
            "at": at,
            "open": draft.is_open(at),
            "opens": draft.next_opening(at),
            "hours": f"{hours:g}",
            "until": draft.add(at, dt.timedelta(hours=hours)),
            "zone": draft.zone,
        }
    except CalendarProblem as problem:
        raise Refused(problem_sentence(problem), problem.field or "try_at") from None


def show_form(context: Context, row: SlaCalendar | None, form: CalendarForm, status: int = 200, **values: Any) -> Any:
    """The page around the form."""
    closed = None if form.always.data else form.holiday_calendar(context.provider.zone)
    if not form.try_at.data:
        form.try_at.data = context.now.strftime("%Y-%m-%d %H:%M")
    form.try_span.data = form.try_span.data or "4"
    return page(
        "sla/calendars/edit.html",
        status,
        row=row,
        form=form,
        days=list(DAYS),
        zones=sorted(known_zones()),
        ahead=next_holidays(closed, context.now, HOLIDAYS_SHOWN) if closed is not None else [],
        under=assignments.accounts_under(context, calendar_id=row.id) if row is not None else [],
        versions=calendar_queries.calendar_versions(context, row) if row is not None else [],
        **{"tried": None, "impact": None, **values},
    )


@promises.route("/admin/calendars/<uuid:calendar_id>/archive", methods=["GET", "POST"])
@configures
def archive_calendar(calendar_id: uuid.UUID) -> Any:
    """Archive a calendar, or bring it back, after a question."""
    context = ctx()
    row = calendar_queries.calendar(context, calendar_id)
    return confirm_archiving(
        row,
        lambda: calendar_actions.archive_calendar(context, row, archived=not row.archived),
        kind="calendar",
        back=url_for("promises.calendars"),
    )
