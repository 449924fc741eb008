"""Closing a case from the portal (P-08)."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import resolution
from portal.cases.forms.resolution import CloseForm
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@cases.get("/cases/<key:key>/close")
@on_portal
def close_form(key: str) -> Any:
    """Ask before closing."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_CLOSE, case)
    return page("cases/close.html", case=case, form=CloseForm(formdata=None))


@cases.post("/cases/<key:key>/close")
@on_portal
def close(key: str) -> Any:
    """Close an unresolved case."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = CloseForm()
    status = submit_form(form, lambda: resolution.close(context, case, reason=form.reason.data or ""))
    if status:
        return page("cases/close.html", status, case=by_key(context, key), form=form)
    flash(_("Case %(key)s is closed.", key=case.key))
    return see(portal_case_url(case, "survey"))
