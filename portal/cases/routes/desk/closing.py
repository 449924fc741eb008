"""Closing a case from the desk."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import resolution
from portal.cases.forms.fields import feature_answers
from portal.cases.forms.resolution import CloseForm
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import desk
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/close")
@requires(Permission.CASE_CLOSE)
def close_form(key: str) -> Any:
    """Ask before closing."""
    return render_verb_page(
        ctx(), "desk/close.html", load_permitted_case(ctx(), key, Permission.CASE_CLOSE), CloseForm(formdata=None)
    )


@desk.post("/cases/<key:key>/close")
@requires(Permission.CASE_CLOSE)
def close(key: str) -> Any:
    """Close an unresolved case."""
    context, form = ctx(), CloseForm()
    case = by_key(context, key, lock=True)
    failed = submit_form(
        form, lambda: resolution.close(context, case, reason=form.reason.data or "", answers=feature_answers())
    )
    if failed:
        return render_verb_page(context, "desk/close.html", reload_case(context, key, form), form, failed)
    return back_to_case(case, _("Case %(key)s is closed.", key=case.key))
