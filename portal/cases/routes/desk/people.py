"""People in copy of a case, from the desk."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.forms.fields import parse_emails
from portal.cases.forms.people import PeopleForm
from portal.cases.pages.audience import back_to_audience, render_desk_audience
from portal.cases.pages.form_values import parse_person_id
from portal.cases.pages.outside_copies import is_copy_confirmed
from portal.cases.pages.verb_page import reload_case
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import desk
from portal.kernel.errors import Refused
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/people")
@requires(Permission.CASE_PEOPLE)
def people_form(key: str) -> Any:
    """Show people in copy."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_PEOPLE, case)
    return render_desk_audience(ctx(), case, PeopleForm(formdata=None), 200, "desk/people.html")


@desk.post("/cases/<key:key>/people")
@requires(Permission.CASE_PEOPLE)
def change_people(key: str) -> Any:
    """Put addresses in copy, or remove one person."""
    context, form = ctx(), PeopleForm()
    case = by_key(context, key, lock=True)

    def act() -> None:
        if form.remove.data:
            people.remove_person(context, case, parse_person_id(form.remove.data))
            return
        addresses = parse_emails(form.cc)
        if not addresses:
            raise Refused(_("Write the email address of the person to put in copy"), "cc")
        people.add_people(context, case, addresses)

    failed = submit_form(form, act, check=lambda: is_copy_confirmed(context, form, case.organization_id))
    if failed:
        return render_desk_audience(context, reload_case(context, key, form), form, failed, "desk/people.html")
    return back_to_audience(case)
