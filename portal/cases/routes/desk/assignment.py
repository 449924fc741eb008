"""Owner and department of a case."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import desk as desk_actions
from portal.cases.actions import reply_with_status
from portal.cases.forms.desk import AssignForm
from portal.cases.forms.fields import form_version, select_options
from portal.cases.models import Case
from portal.cases.pages.form_values import parse_id, parse_owner
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.names import staff_names
from portal.cases.queries.staff import assignable_staff
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.kernel.text import fold
from portal.tenants.queries import departments as department_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires


@desk.get("/cases/<key:key>/take")
@requires(Permission.CASE_TAKE)
def take_form(key: str) -> Any:
    """Ask before taking the case."""
    return render_verb_page(
        ctx(), "desk/take.html", load_permitted_case(ctx(), key, Permission.CASE_TAKE), PressForm(formdata=None)
    )


@desk.post("/cases/<key:key>/take")
@requires(Permission.CASE_TAKE)
def take(key: str) -> Any:
    """Make the actor the owner."""
    context, form = ctx(), PressForm()
    case = by_key(context, key, lock=True)
    failed = submit_form(form, lambda: reply_with_status.take(context, case, expected_version=form_version(form)))
    if failed:
        return render_verb_page(context, "desk/take.html", reload_case(context, key, form), form, failed)
    return back_to_case(case, _("The case is yours."))


@desk.get("/cases/<key:key>/assign")
@requires(Permission.CASE_TAKE)
def assign_form(key: str) -> Any:
    """Show owner and department."""
    case = load_permitted_case(ctx(), key, Permission.CASE_TAKE)
    return render_page(ctx(), case, AssignForm(formdata=None, data=current_assignment(case)))


def current_assignment(case: Case) -> dict[str, str]:
    """Owner and department as form values."""
    return {"owner": str(case.owner_id or ""), "department": str(case.department_id or "")}


def render_page(context: Context, case: Case, form: AssignForm, status: int = 200) -> Any:
    """The form with possible owners and departments."""
    names = staff_names(context, assignable_staff(context, case))
    return render_verb_page(
        context,
        "desk/assign.html",
        case,
        form,
        status,
        departments=select_options(department_queries.active_departments(context)),
        owners=sorted(((str(i), name) for i, name in names.items()), key=lambda row: fold(row[1])),
    )


@desk.post("/cases/<key:key>/assign")
@requires(Permission.CASE_TAKE)
def assign(key: str) -> Any:
    """Set owner and department. A field that was not sent does not change."""
    context, form = ctx(), AssignForm()
    case = by_key(context, key, lock=True)

    def act() -> None:
        owner, department = case.owner_id, case.department_id
        if "owner" in request.form:
            owner = parse_owner(context, form.owner.data or "")
        if "department" in request.form:
            department = parse_id(form.department.data or "", _("Choose one of the departments"), "department")
        desk_actions.assign(
            context, case, owner_id=owner, department_id=department, expected_version=form_version(form)
        )

    failed = submit_form(form, act)
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    return back_to_case(case, _("Saved."), "properties")
