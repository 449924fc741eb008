"""The bell as a page, on either side of the house."""

import uuid
from typing import Any

from flask import Response, request

from portal.cases.queries.detail import SHOWN
from portal.kernel import ids
from portal.kernel.errors import NotFound
from portal.notifications import actions, labels, queries
from portal.notifications.models import Notification
from portal.notifications.queries import BELL
from portal.web import deferred_writes
from portal.web.current import ctx
from portal.web.forms import PressForm
from portal.web.guards import FeatureBlueprint, signed_in
from portal.web.htmx import page, see
from portal.web.urls import number_parameter

notifications = FeatureBlueprint("notifications", __name__, url_prefix="/notifications")

# Whoever looks at a case has read what the bell said about it.
CASE_PAGES = frozenset({"cases.show", "desk.case", "desk.show"})


@notifications.get("")
@signed_in
def index() -> Any:
    """The lines of this side, unread first, grouped by case."""
    shown, groups = queries.bell_page(ctx(), number_parameter("page", 1, highest=50))
    return page("notifications/index.html", groups=groups, lines=shown, unread=queries.unread_count(ctx()), **_words())


@notifications.route("/read", methods=["GET", "POST"])
@signed_in
def read_all() -> Any:
    """Mark everything on this side as read."""
    form = PressForm()
    if not form.validate_on_submit():
        return page("notifications/read.html", 422 if form.is_submitted() else 200, form=form, line=None, **_words())
    actions.mark_all_read(ctx())
    return see("/notifications")


@notifications.route("/<notification_id>/read", methods=["GET", "POST"])
@signed_in
def read(notification_id: str) -> Any:
    """Mark one line as read."""
    line, form = _line(notification_id), PressForm()
    if not form.validate_on_submit():
        return page("notifications/read.html", 422 if form.is_submitted() else 200, form=form, line=line, **_words())
    actions.mark_read(ctx(), line)
    return see("/notifications")


def _line(text: str) -> Notification:
    wanted: uuid.UUID | None = ids.parse_id(text)
    if wanted is None:
        raise NotFound
    return queries.line(ctx(), wanted)


def _words() -> dict[str, Any]:
    side = str(ctx().actor.side)
    return {
        "happened": lambda event: labels.event_sentence(event, side),
        "because": labels.reason_label,
        "base": "/desk/cases/" if ctx().actor.is_staff else "/cases/",
        "layout": "layouts/desk.html" if ctx().actor.is_staff else "layouts/portal.html",
    }


@notifications.after_app_request
def mark_case_read(response: Response) -> Response:
    """A case page that was shown: the bell's lines about that case count as read, after the answer."""
    if request.method == "GET" and request.endpoint in CASE_PAGES and response.status_code == 200:
        seen = ctx()
        case_id = seen.notes.get(SHOWN)
        # A bell that is known to be empty has nothing to say about this case either.
        if seen.person is not None and case_id is not None and seen.notes.get(BELL) != 0:
            deferred_writes.defer_write(lambda later: actions.mark_all_read(later, case_id=case_id))
    return response
