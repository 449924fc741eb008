"""Closing a case from the desk."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import resolution
from portal.cases.forms.fields import feature_answers
from portal.cases.forms.resolution import DeskCloseForm
from portal.cases.models import Case
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.nobody_reads import reading_values
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/close")
@requires(Permission.CASE_CLOSE)
def close_form(key: str) -> Any:
    """Ask before closing."""
    case = load_permitted_case(ctx(), key, Permission.CASE_CLOSE)
    return render_page(ctx(), case, DeskCloseForm(formdata=None))


def render_page(context: Context, case: Case, form: DeskCloseForm, status: int = 200) -> Any:
    """The form, and who reads the reason where the contact does not."""
    return render_verb_page(context, "desk/close.html", case, form, status, **reading_values(context, case))


@desk.post("/cases/<key:key>/close")
@requires(Permission.CASE_CLOSE)
def close(key: str) -> Any:
    """Close an unresolved case."""
    context, form = ctx(), DeskCloseForm()
    case = by_key(context, key, lock=True)
    failed = submit_form(
        form,
        lambda: resolution.close(
            context, case, reason=form.reason.data or "", answers=feature_answers(), anyway=form.send_anyway()
        ),
    )
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    return back_to_case(case, _("Case %(key)s is closed.", key=case.key))
