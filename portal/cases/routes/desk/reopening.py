"""Reopening a case from the desk."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions.reopening import reopen
from portal.cases.forms.fields import idempotency_key
from portal.cases.forms.resolution import DeskReopenForm
from portal.cases.models import Case
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.nobody_reads import reading_values
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/reopen")
@requires(Permission.CASE_REOPEN)
def reopen_form(key: str) -> Any:
    """Ask what changed."""
    case = load_permitted_case(ctx(), key, Permission.CASE_REOPEN)
    return render_page(ctx(), case, DeskReopenForm(formdata=None))


def render_page(context: Context, case: Case, form: DeskReopenForm, status: int = 200) -> Any:
    """The form, and who reads it where the contact does not."""
    return render_verb_page(context, "desk/reopen.html", case, form, status, **reading_values(context, case))


@desk.post("/cases/<key:key>/reopen")
@requires(Permission.CASE_REOPEN)
def reopen_case(key: str) -> Any:
    """Reopen the case with a public reply."""
    context, form = ctx(), DeskReopenForm()
    case = by_key(context, key, lock=True)
    failed = submit_form(
        form,
        lambda: reopen(
            context,
            case,
            reason=form.reason.data,
            idempotency_key=idempotency_key(form),
            anyway=form.send_anyway(),
        ),
    )
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    return back_to_case(case, _("We reopened the case."), "latest")
