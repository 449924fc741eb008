"""People whom a case excludes, from the desk."""

from typing import Any

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.forms.people import ExclusionForm
from portal.cases.models import Case
from portal.cases.pages.audience import back_to_audience, render_desk_audience
from portal.cases.pages.form_values import parse_person_id
from portal.cases.pages.verb_page import reload_case
from portal.cases.queries import by_key
from portal.cases.queries.staff import other_staff
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/exclusions")
@requires(Permission.CASE_EXCLUDE)
def exclusions_form(key: str) -> Any:
    """Show excluded people and candidates."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_EXCLUDE, case)
    return render_page(ctx(), case, ExclusionForm(formdata=None))


def render_page(context: Context, case: Case, form: ExclusionForm, status: int = 200) -> Any:
    """The page with contacts and staff."""
    return render_desk_audience(
        context, case, form, status, "desk/exclusions.html", offered="everybody", staff=other_staff(context)
    )


@desk.post("/cases/<key:key>/exclusions")
@requires(Permission.CASE_EXCLUDE)
def change_exclusions(key: str) -> Any:
    """Exclude a person of either side, or lift an exclusion."""
    context, form = ctx(), ExclusionForm()
    case = by_key(context, key, lock=True)
    require(context.actor, Permission.CASE_EXCLUDE, case)

    def act() -> None:
        if form.readmit.data:
            people.lift_exclusion(context, case, parse_person_id(form.readmit.data))
        else:
            people.exclude(context, case, form.person.data or "")

    failed = submit_form(form, act)
    return render_page(context, reload_case(context, key, form), form, failed) if failed else back_to_audience(case)
