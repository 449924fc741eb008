"""People in copy of a case, from the portal."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.forms.fields import parse_emails
from portal.cases.forms.people import PeopleForm
from portal.cases.pages.audience import render_portal_audience
from portal.cases.pages.form_values import parse_person_id
from portal.cases.pages.outside_copies import is_copy_confirmed
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import cases
from portal.kernel.errors import Refused
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import see


@cases.get("/cases/<key:key>/people")
@on_portal
def people_form(key: str) -> Any:
    """Show people in copy."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_PEOPLE, case)
    return render_portal_audience(ctx(), case, PeopleForm(formdata=None), template="cases/people.html")


@cases.post("/cases/<key:key>/people")
@on_portal
def change_people(key: str) -> Any:
    """Put addresses in copy, or remove one person. Everybody may remove themselves."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = PeopleForm()
    left_case: list[bool] = []

    def act() -> None:
        if form.remove.data:
            grant_id = parse_person_id(form.remove.data)
            left_case.append(any(g.id == grant_id and g.user_id == context.actor.user_id for g in case.grants))
            people.remove_person(context, case, grant_id)
            return
        addresses = parse_emails(form.cc)
        if not addresses:
            raise Refused(_("Write the email address of the person to put in copy"), "cc")
        people.add_people(context, case, addresses)

    status = submit_form(form, act, check=lambda: is_copy_confirmed(context, form, case.organization_id))
    if status:
        return render_portal_audience(context, by_key(context, key), form, status, "cases/people.html")
    flash(_("Saved. This is who can see the case now."))
    return see("/cases" if left_case and left_case[0] else portal_case_url(case, "shared"))
