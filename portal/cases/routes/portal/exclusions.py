"""People whom a case excludes, from the portal."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.forms.people import ExclusionForm
from portal.cases.models import Case
from portal.cases.pages.audience import render_portal_audience
from portal.cases.pages.form_values import parse_person_id
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import cases
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import see


@cases.get("/cases/<key:key>/exclusions")
@on_portal
def exclusions_form(key: str) -> Any:
    """Show excluded people and colleagues."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_EXCLUDE, case)
    return render_page(ctx(), case, ExclusionForm(formdata=None))


def render_page(context: Context, case: Case, form: ExclusionForm, status: int = 200) -> Any:
    """The page with colleagues to choose from."""
    return render_portal_audience(context, case, form, status, "cases/exclusions.html", offered="everybody")


@cases.post("/cases/<key:key>/exclusions")
@on_portal
def change_exclusions(key: str) -> Any:
    """Exclude a colleague, or lift an exclusion."""
    case = by_key(ctx(), key, lock=True)
    context = ctx()
    require(context.actor, Permission.CASE_EXCLUDE, case)
    form = ExclusionForm()

    def act() -> None:
        if form.readmit.data:
            people.lift_exclusion(context, case, parse_person_id(form.readmit.data))
        else:
            people.exclude(context, case, form.person.data or "")

    status = submit_form(form, act)
    if status:
        return render_page(context, by_key(context, key), form, status)
    flash(_("Saved. This is who can see the case now."))
    return see(portal_case_url(case, "shared"))
