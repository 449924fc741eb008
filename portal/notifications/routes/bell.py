"""The bell as a page, for customers and staff."""

import uuid
from typing import Any

from portal.cases.models import Case
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.notifications import actions, labels, queries
from portal.notifications.models import Notification
from portal.notifications.routes.blueprint import notifications
from portal.web import deferred_writes
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import signed_in
from portal.web.htmx import page, see
from portal.web.page_frame import current_frame
from portal.web.urls import number_parameter


@notifications.get("/notifications")
@signed_in
def index() -> Any:
    """The lines of this side, unread first, grouped by case."""
    shown, groups = queries.bell_page(ctx(), number_parameter("page", 1, highest=50))
    return page("notifications/index.html", groups=groups, lines=shown, unread=queries.unread_count(ctx()), **_words())


@notifications.route("/notifications/read", methods=["GET", "POST"])
@signed_in
def read_all() -> Any:
    """Mark everything on this side as read."""
    form = PressForm()
    status = submit_form(form, lambda: actions.mark_all_read(ctx())) if form.is_submitted() else 200
    if status:
        return page("notifications/read.html", status, form=form, line=None, **_words())
    return see("/notifications")


@notifications.route("/notifications/<notification_id>/read", methods=["GET", "POST"])
@signed_in
def read(notification_id: str) -> Any:
    """Mark one line as read."""
    line, form = _line(notification_id), PressForm()
    status = submit_form(form, lambda: actions.mark_read(ctx(), line)) if form.is_submitted() else 200
    if status:
        return page("notifications/read.html", status, form=form, line=line, **_words())
    return see("/notifications")


def _line(text: str) -> Notification:
    wanted: uuid.UUID | None = ids.parse_id(text)
    if wanted is None:
        raise NotFound
    return queries.line(ctx(), wanted)


def _words() -> dict[str, Any]:
    side = str(ctx().actor.side)
    return {
        "happened": lambda line: labels.event_sentence(line.event, side, line.reason),
        "because": labels.reason_label,
        "leads_to": lambda line: labels.event_path(line.event, ctx().actor),
        "base": "/desk/cases/" if ctx().actor.is_staff else "/cases/",
        "layout": "layouts/desk.html" if ctx().actor.is_staff else "layouts/portal.html",
    }


def mark_case_read(context: Context, case: Case) -> None:
    """Mark the lines about *case* as read after the answer, because the person has opened its page."""
    case_id = case.id
    # Without unread lines there is nothing to mark.
    if context.person is not None and current_frame().unread != 0:
        deferred_writes.defer_write(lambda later: actions.mark_all_read(later, case_id=case_id))
