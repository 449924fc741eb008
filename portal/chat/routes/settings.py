"""/admin/chat: the chat settings of the provider."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.queries import request_types
from portal.chat.actions.settings import ChatFacts, change_settings
from portal.chat.forms import ChatSettingsForm
from portal.chat.queries.settings import stored_settings
from portal.chat.routes.blueprint import chat
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.sla.queries import calendars as calendar_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, see


def fill_choices(context: Context, form: ChatSettingsForm) -> None:
    """The support hours and the request types of the provider."""
    hours = [(str(row.id), row.name) for row in calendar_queries.calendars(context)]
    form.calendar.choices = [("", _("Choose support hours")), *hours]
    kinds = [(str(row.id), row.name) for row in request_types(context)]
    form.request_type.choices = [("", _("Choose a request type")), *kinds]


@chat.get("/admin/chat")
@requires(Permission.PROVIDER_READ)
def settings() -> Any:
    """The settings, for whoever reads the configuration."""
    context = ctx()
    row = stored_settings(context)
    form = ChatSettingsForm(formdata=None)
    fill_choices(context, form)
    form.version.data = str(row.version if row is not None else 0)
    form.most.data, form.silent_minutes.data = 3, 10
    if row is not None:
        form.enabled.data, form.greeting.data = row.enabled, row.greeting
        form.most.data, form.silent_minutes.data = row.most, row.silent_minutes
        form.calendar.data, form.request_type.data = str(row.calendar_id or ""), str(row.request_type_id or "")
    return page("chat/admin/settings.html", form=form)


@chat.post("/admin/chat")
@requires(Permission.PROVIDER_CONFIGURE)
def change() -> Any:
    """Store the settings."""
    context = ctx()
    form = ChatSettingsForm()
    fill_choices(context, form)
    row = stored_settings(context)
    status = submit_form(
        form,
        lambda: change_settings(
            context,
            ChatFacts(
                form.enabled.data,
                parse_id(form.calendar.data),
                parse_id(form.request_type.data),
                form.greeting.data or "",
                form.most.data or 0,
                form.silent_minutes.data or 0,
            ),
        ),
        current=row.version if row is not None else 0,
    )
    if status:
        return page("chat/admin/settings.html", status, form=form)
    flash(_("Saved."), "success")
    return see(request.path)
