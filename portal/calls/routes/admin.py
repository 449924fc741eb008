"""/admin/phone: the numbers of the provider and their hours."""

import uuid
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.calls.actions import hotlines as actions
from portal.calls.forms.hotlines import HotlineForm
from portal.calls.labels import hours_words
from portal.calls.models import Hotline
from portal.calls.queries import hotlines as queries
from portal.calls.routes.blueprint import calls, configures
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context
from portal.kernel.phone_numbers import show_number
from portal.sla.queries import calendars as calendar_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, see

reads = requires(Permission.PROVIDER_READ)


@calls.get("/admin/phone")
@reads
def hotlines() -> Any:
    """The list of numbers, each with its present state."""
    context = ctx()
    hours = {line.id: hours_words(context, line) for line in queries.lines(context)}
    return page("calls/admin/index.html", rows=queries.hotlines(context), hours=hours, show_number=show_number)


@calls.route("/admin/phone/new", methods=["GET", "POST"])
@configures
def new_hotline() -> Any:
    """Add a number."""
    context = ctx()
    form = _offer(context, HotlineForm(), None)
    if form.is_submitted():
        status = submit_form(form, lambda: actions.add_hotline(context, form.facts()))
        return _form_page(context, form, None, status) if status else _saved()
    form.active.data = form.calls_back.data = True
    form.position.data, form.slot_calls.data, form.slot_minutes.data = len(queries.hotlines(context)) + 1, 1, "30"
    return _form_page(context, form, None)


@calls.get("/admin/phone/<uuid:hotline_id>")
@reads
def hotline(hotline_id: uuid.UUID) -> Any:
    """One number."""
    context = ctx()
    row = queries.hotline(context, hotline_id)
    form = _offer(context, HotlineForm(formdata=None), row)
    form.fill(row, show_number(row.number))
    return _form_page(context, form, row)


@calls.post("/admin/phone/<uuid:hotline_id>")
@configures
def change_hotline(hotline_id: uuid.UUID) -> Any:
    """Change it."""
    context = ctx()
    row = queries.hotline(context, hotline_id, lock=True)
    form = _offer(context, HotlineForm(), row)
    status = submit_form(form, lambda: actions.change_hotline(context, row, form.facts()), current=row.version)
    return _form_page(context, form, row, status) if status else _saved()


def _saved() -> Any:
    flash(_("Saved."), "success")
    return see(url_for("calls.hotlines"))


def _offer(context: Context, form: HotlineForm, row: Hotline | None) -> HotlineForm:
    offered = list(calendar_queries.calendars(context))
    if row is not None and all(one.id != row.calendar_id for one in offered):
        offered.append(calendar_queries.calendar(context, row.calendar_id))
    form.offer(offered, severity_levels(context))
    return form


def _form_page(context: Context, form: HotlineForm, row: Hotline | None, status: int = 200) -> Any:
    return page("calls/admin/hotline.html", status, form=form, row=row, has_calendars=len(form.calendar.choices) > 1)
