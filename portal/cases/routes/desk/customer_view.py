"""The case as its customer sees it."""

from typing import Any

from portal.authz.permissions import Permission
from portal.cases.forms.conversation import ReplyForm
from portal.cases.pages.portal_case import render_case as render_portal_case
from portal.cases.pages.urls import desk_case_url
from portal.cases.queries import by_key
from portal.cases.queries.people import as_reader
from portal.cases.routes.blueprints import desk
from portal.kernel.errors import NotFound
from portal.web import read_only_view
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page


@desk.get("/cases/<key:key>/as-customer")
@requires(Permission.CASE_READ)
def as_customer(key: str) -> Any:
    """The portal's page of the case as its contact sees it, read-only and without notes."""
    context = ctx()
    case = by_key(context, key)
    contact = case.contact_user
    with as_reader(context, contact) as theirs:
        try:
            seen = by_key(theirs, case.key)
        except NotFound:
            seen = None
        if seen is not None:
            with read_only_view.draw_as(theirs, keep="/desk"):
                return render_portal_case(theirs, seen, ReplyForm(formdata=None), template="desk/customer_view.html")
    return page("desk/customer_view_refused.html", case=case, base=f"/desk/cases/{case.key}", back=desk_case_url(case))
