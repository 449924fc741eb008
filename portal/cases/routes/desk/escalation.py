"""The tier of a case."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import desk as desk_actions
from portal.cases.forms.desk import EscalateForm
from portal.cases.forms.fields import form_version
from portal.cases.models import Case
from portal.cases.pages.form_values import parse_owner
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.names import staff_names
from portal.cases.queries.staff import assignable_staff
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.text import fold
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import see
from portal.web.urls import local_path, text_parameter

# In the field of the owner: the owner stays as it is.
KEEP = "keep"


@desk.get("/cases/<key:key>/escalate")
@requires(Permission.CASE_ESCALATE)
def escalate_form(key: str) -> Any:
    """Show the tiers and the note; `?tier=` selects one, `?back=` returns to a board."""
    case = load_permitted_case(ctx(), key, Permission.CASE_ESCALATE)
    tier = text_parameter("tier", 1) or str(min(case.tier + 1, 3))
    form = EscalateForm(formdata=None, data={"tier": tier, "back": local_path(text_parameter("back"), "")})
    return render_page(ctx(), case, form)


def render_page(context: Context, case: Case, form: EscalateForm, status: int = 200) -> Any:
    """The form with possible owners."""
    names = staff_names(context, assignable_staff(context, case))
    owners = sorted(((str(i), name) for i, name in names.items() if i != case.owner_id), key=lambda row: fold(row[1]))
    if case.owner is not None:
        owners.append((KEEP, _("%(name)s keeps it (say why)", name=case.owner.user.name)))
    return render_verb_page(context, "desk/escalate.html", case, form, status, owners=owners)


@desk.post("/cases/<key:key>/escalate")
@requires(Permission.CASE_ESCALATE)
def escalate(key: str) -> Any:
    """Hand the case to another tier, with an internal note, perhaps to an owner there."""
    context, form = ctx(), EscalateForm()
    case = by_key(context, key, lock=True)

    def act() -> None:
        keeps = form.owner.data == KEEP
        if keeps and not (form.keep_reason.data or "").strip():
            raise Refused(_("Say why the owner stays"), "keep_reason")
        desk_actions.escalate(
            context,
            case,
            tier=form.level(),
            note=form.note.data,
            owner_id=None if keeps else parse_owner(context, form.owner.data or ""),
            keep_owner=form.keep_reason.data if keeps else "",
            expected_version=form_version(form),
        )

    failed = submit_form(form, act)
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    back = local_path(form.back.data, "")
    if back:
        flash(_("%(key)s is with tier %(tier)d now.", key=case.key, tier=case.tier))
        return see(f"{back}#card-{case.key}")
    return back_to_case(case, _("The case is with tier %(tier)d now.", tier=case.tier), "properties")
