"""The case as its customer sees it."""

from typing import Any

from flask import url_for

from portal.authz.permissions import Permission
from portal.cases.actions.customer_views import start_customer_view
from portal.cases.forms.conversation import ReplyForm
from portal.cases.forms.desk import CustomerViewForm
from portal.cases.models import Case
from portal.cases.pages.portal_case import render_case as render_portal_case
from portal.cases.pages.urls import desk_case_url
from portal.cases.pages.verb_page import render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.customer_views import current_customer_view
from portal.cases.queries.people import as_reader
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.web import read_only_view
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, see


@desk.get("/cases/<key:key>/as-customer")
@requires(Permission.CASE_READ)
def as_customer(key: str) -> Any:
    """The portal's page of the case as its contact sees it, read-only and without notes. Whoever has not given a reason
    is asked for one; it holds for half an hour."""
    context = ctx()
    case = by_key(context, key)
    view = current_customer_view(context, case)
    with as_reader(context, case.contact_user) as theirs:
        seen = _seen_by(theirs, case)
        if seen is not None and view is not None:
            with read_only_view.draw_as(theirs, keep="/desk"):
                form = ReplyForm(formdata=None)
                return render_portal_case(theirs, seen, form, template="desk/customer_view.html", view=view)
    if seen is None:
        base = f"/desk/cases/{case.key}"
        return page("desk/customer_view_refused.html", case=case, base=base, back=desk_case_url(case))
    return render_verb_page(context, "desk/customer_view_reason.html", case, CustomerViewForm(formdata=None))


@desk.post("/cases/<key:key>/as-customer")
@requires(Permission.CASE_READ)
def start_as_customer(key: str) -> Any:
    """Start looking as the contact, with a reason that the contact is told."""
    context, form = ctx(), CustomerViewForm()
    case = by_key(context, key)
    failed = submit_form(form, lambda: start_customer_view(context, case, form.reason.data or ""))
    if failed:
        return render_verb_page(context, "desk/customer_view_reason.html", case, form, failed)
    return see(url_for("desk.as_customer", key=case.key))


def _seen_by(theirs: Context, case: Case) -> Case | None:
    try:
        return by_key(theirs, case.key)
    except NotFound:
        return None
