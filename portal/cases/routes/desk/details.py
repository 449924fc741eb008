"""The details of a case, corrected by staff."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import details
from portal.cases.forms.details import EditForm
from portal.cases.forms.fields import form_version, select_options
from portal.cases.labels import environment_label
from portal.cases.models import Case
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key, request_types
from portal.cases.queries.contact_options import contact_options
from portal.cases.queries.people import PEOPLE_LIMIT, people_of
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/edit")
@requires(Permission.CASE_EDIT)
def edit_form(key: str) -> Any:
    """Show subject, type, contact, environment and department."""
    case = load_permitted_case(ctx(), key, Permission.CASE_EDIT)
    form = EditForm(
        formdata=None,
        data={
            "subject": case.subject,
            "type": case.request_type.key,
            "contact": str(case.contact_id),
            "environment": str(case.environment_id or ""),
            "department": str(case.department_id or ""),
        },
    )
    return render_page(ctx(), case, form)


def fill_choices(context: Context, case: Case, form: EditForm, *, accepts_all: bool = False) -> dict[str, Any]:
    """Fill the choices of the form; values of the case stay choosable. Returns the request types by key.

    Offered as the contact is who can become it in the environment of the form. *accepts_all*: everybody of the account
    is a choice, so that the action says why not.
    """
    types = {row.key: row for row in (*request_types(context, [case.account_id]), case.request_type)}
    found = people_of(
        context,
        case.account_id,
        limit=PEOPLE_LIMIT,
        environment_id=None if accepts_all else ids.parse_id(form.environment.data),
        admitted_by=None if accepts_all else case,
    )
    people = dict(contact_options(context, found))
    people.setdefault(str(case.contact_id), case.contact_user.name)
    form.type.choices = [(key, row.name) for key, row in types.items()]
    form.contact.choices = list(people.items())
    environments = environment_queries.active_environments(context, [case.account_id])
    form.environment.choices = [("", _("I don't know")), *((str(e.id), environment_label(e)) for e in environments)]
    form.department.choices = select_options(department_queries.active_departments(context), ("", _("none")))
    return types


def render_page(context: Context, case: Case, form: EditForm, status: int = 200) -> Any:
    """The form with its choices."""
    fill_choices(context, case, form)
    return render_verb_page(context, "desk/edit.html", case, form, status)


@desk.post("/cases/<key:key>/edit")
@requires(Permission.CASE_EDIT)
def edit(key: str) -> Any:
    """Store the correction, with the checks of opening."""
    context, form = ctx(), EditForm()
    case = by_key(context, key, lock=True)
    types = fill_choices(context, case, form, accepts_all=True)

    def act() -> None:
        contact_id = ids.parse_id(form.contact.data)
        if contact_id is None:
            raise Refused(_("Choose the person who is affected"), "contact")
        details.edit(
            context,
            case,
            subject=form.subject.data,
            request_type=types[form.type.data],
            contact_id=contact_id,
            environment_id=ids.parse_id(form.environment.data),
            department_id=ids.parse_id(form.department.data),
            expected_version=form_version(form),
        )

    failed = submit_form(form, act)
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    return back_to_case(case, _("Saved."), "properties")
