"""The reporter's correction of subject and description."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import details
from portal.cases.forms.details import OwnTextForm
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@cases.get("/cases/<key:key>/words")
@on_portal
def words_form(key: str) -> Any:
    """Show subject and description."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_EDIT_OWN_WORDS, case)
    form = OwnTextForm(formdata=None, data={"subject": case.subject, "description": case.description})
    return page("cases/details.html", case=case, form=form)


@cases.post("/cases/<key:key>/words")
@on_portal
def change_words(key: str) -> Any:
    """Store the correction."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = OwnTextForm()
    status = submit_form(
        form,
        lambda: details.edit_own_text(context, case, subject=form.subject.data, description=form.description.data),
    )
    if status:
        return page("cases/details.html", status, case=by_key(context, key), form=form)
    flash(_("Saved."))
    return see(portal_case_url(case))
