"""The case page of the portal (P-06), and its print version."""

from typing import Any

from flask import redirect, request, url_for

from portal.attachments.form_files import draft_rows
from portal.cases import labels
from portal.cases.forms.conversation import ReplyForm
from portal.cases.pages.in_reply_to import quote_into
from portal.cases.pages.portal_case import render_case
from portal.cases.panels import panels_at, report_view
from portal.cases.queries import by_key, conversation, redirected_key
from portal.cases.queries.names import names_in
from portal.cases.routes.blueprints import cases
from portal.cases.timeline import entries
from portal.web.current import ctx
from portal.web.drafts import open_form
from portal.web.guards import on_portal
from portal.web.htmx import page


@cases.get("/cases/<key:key>")
@on_portal
def show(key: str) -> Any:
    """The case page. A former key, or the key of a merged case, redirects."""
    context = ctx()
    case = by_key(context, key)
    target = redirected_key(context, case)
    if target and "stay" not in request.args:
        return redirect(url_for("cases.show", key=target, merged=case.key), 308)
    if key != case.key:
        return redirect(url_for("cases.show", key=case.key), 308)
    form = open_form(ReplyForm, f"/cases/{case.key}/replies")
    quote_into(context, case, form)
    answer = render_case(context, case, form, staged=draft_rows(context, form))
    report_view(context, case)
    return answer


@cases.get("/cases/<key:key>/print")
@on_portal
def printed(key: str) -> Any:
    """The print version: the same timeline without navigation."""
    context = ctx()
    case = by_key(context, key)
    shown = conversation.conversation(context, case)
    events = conversation.case_events(context, case)
    names = names_in(context, events)
    return page(
        "cases/print.html",
        case=case,
        panels=panels_at(context, "print", case),
        labels=labels,
        severity_name=names.get(f"severity:{case.severity}", ""),
        timeline=entries(case, shown, events, names, staff_side=False),
    )
