"""The severity of a case, corrected by staff."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import desk as desk_actions
from portal.cases.forms.desk import SeverityForm
from portal.cases.forms.fields import form_version
from portal.cases.labels import floor_label
from portal.cases.models import Case
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.nobody_reads import reading_values
from portal.cases.queries.severity_levels import level_name, severity_floor_of, severity_levels
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/severity")
@requires(Permission.CASE_SEVERITY)
def severity_form(key: str) -> Any:
    """Show the levels."""
    case = load_permitted_case(ctx(), key, Permission.CASE_SEVERITY)
    form = SeverityForm(formdata=None, data={"severity": str(case.severity)})
    return render_page(ctx(), case, form)


def render_page(context: Context, case: Case, form: SeverityForm, status: int = 200) -> Any:
    """The levels, and which of them the person and account of the case have as the least."""
    floor = severity_floor_of(context, case.account, case.contact_id)
    said = floor_label(floor, level_name(context, floor.rank), side=context.actor.side) if floor is not None else ""
    values = {"levels": severity_levels(context), "floor": said, **reading_values(context, case)}
    return render_verb_page(context, "desk/severity.html", case, form, status, **values)


@desk.post("/cases/<key:key>/severity")
@requires(Permission.CASE_SEVERITY)
def change_severity(key: str) -> Any:
    """Correct the severity. The customer's choice is kept, and they read the reason."""
    context, form = ctx(), SeverityForm()
    case = by_key(context, key, lock=True)
    failed = submit_form(
        form,
        lambda: desk_actions.redefine_severity(
            context,
            case,
            severity=form.rank(),
            reason=form.reason.data,
            expected_version=form_version(form),
            anyway=form.send_anyway(),
        ),
    )
    if failed:
        case = reload_case(context, key, form)
        return render_page(context, case, form, failed)
    return back_to_case(case, _("The severity was changed. The customer sees the reason."), "properties")
