"""Reopening a case from the portal."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.actions.reopening import leads_to_new_case, reopen
from portal.cases.forms.fields import idempotency_key
from portal.cases.forms.resolution import ReopenForm
from portal.cases.models import Case
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key, detail
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@cases.get("/cases/<key:key>/reopen")
@on_portal
def reopen_form(key: str) -> Any:
    """Ask what changed. Who may decide about the solution is asked on the screen of that decision instead."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_REOPEN, case)
    decides = case.state == "resolved" and ctx().provider.customer_decides
    if decides and can(ctx().actor, Permission.CASE_ACCEPT, case):
        return see(f"/cases/{case.key}/resolution?choice=reject")
    return page("cases/reopen.html", case=case, form=ReopenForm(formdata=None), anew=leads_to_new_case(ctx(), case))


@cases.post("/cases/<key:key>/reopen")
@on_portal
def reopen_case(key: str) -> Any:
    """Reopen the case, or open a linked one, by the provider's rule."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = ReopenForm()
    results: list[Case] = []
    status = submit_form(
        form,
        lambda: results.append(reopen(context, case, reason=form.reason.data, idempotency_key=idempotency_key(form))),
    )
    if status:
        now = by_key(context, key)
        return page("cases/reopen.html", status, case=now, form=form, anew=leads_to_new_case(context, now))
    target = detail.by_id(context, results[0].id)
    flash(_("We reopened the case.") if target.id == case.id else _("We opened a linked case for you."))
    return see(portal_case_url(target, "latest"))
