"""The case page of the desk (D-02)."""

from typing import Any

from flask import redirect, request, url_for

from portal.attachments.form_files import draft_rows
from portal.authz.permissions import Permission
from portal.cases.forms.conversation import DeskReplyForm
from portal.cases.pages.desk_case import draft_kind, render_case
from portal.cases.pages.in_reply_to import quote_into
from portal.cases.pages.queue_trail import queue_trail
from portal.cases.panels import report_view
from portal.cases.presence import mark_present
from portal.cases.queries import by_key, redirected_key
from portal.cases.routes.blueprints import desk
from portal.web.current import ctx
from portal.web.drafts import open_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>")
@requires(Permission.CASE_READ)
def show(key: str) -> Any:
    """The case beside its queue. A former key, or the key of a merged case, redirects."""
    context = ctx()
    case = by_key(context, key)
    target = redirected_key(context, case)
    if target and "stay" not in request.args:
        return redirect(url_for("desk.show", key=target, merged=case.key), 308)
    if key != case.key:
        return redirect(url_for("desk.show", key=case.key, **queue_trail()), 308)
    form = open_form(DeskReplyForm, f"/desk/cases/{case.key}/reply")
    answered = quote_into(context, case, form)
    kind = "note" if answered is not None and answered.is_note else draft_kind(form)
    answer = render_case(context, case, form, kind=kind, staged=draft_rows(context, form))
    report_view(context, case)
    mark_present(context, case.id, writes=False)
    return answer
