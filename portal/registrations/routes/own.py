"""/registration: what somebody who registered reads, and the company that they name."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.kernel.errors import NotFound
from portal.registrations import actions, queries
from portal.registrations.forms import CompanyForm
from portal.registrations.routes.blueprint import registrations
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@registrations.route("/registration", methods=["GET", "POST"])
@on_portal
def own() -> Any:
    """GET: what happens next. POST: name the company."""
    row = queries.own_registration(ctx())
    if row is None or ctx().actor.memberships:
        raise NotFound
    form = CompanyForm()
    if not form.is_submitted():
        form.company.data = row.company
    status = (
        submit_form(form, lambda: actions.name_company(ctx(), row, form.company.data)) if form.is_submitted() else 200
    )
    if status:
        return page("registrations/own.html", status, row=row, form=form)
    flash(_("Saved. Support reads it."), "success")
    return see(url_for(".own"))
