"""What a case was answered in the own fields of its type, corrected by staff."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions.case_answers import correct_answers
from portal.cases.engine import request_answers
from portal.cases.engine import request_fields as engine
from portal.cases.forms.fields import form_version
from portal.cases.forms.request_fields import with_own_fields
from portal.cases.models import Case
from portal.cases.pages.request_fields import OwnFields, languages
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.request_fields import fields_of
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires


@desk.get("/cases/<key:key>/answers")
@requires(Permission.CASE_EDIT)
def answers_form(key: str) -> Any:
    """Show the answers in the form of today."""
    case = load_permitted_case(ctx(), key, Permission.CASE_EDIT)
    own = open_answers(ctx(), case, sent=False)
    own.fill_answers()
    return render_page(ctx(), case, own)


@desk.post("/cases/<key:key>/answers")
@requires(Permission.CASE_EDIT)
def change_answers(key: str) -> Any:
    """Store the correction; old and new values stay in the history."""
    context = ctx()
    case = by_key(context, key, lock=True)
    own = open_answers(context, case, sent=True)
    failed = submit_form(
        own.form,
        lambda: correct_answers(context, case, own.typed(), expected_version=form_version(own.form)),
        check=lambda: own.check(case.account_id, enforce=False),
    )
    if failed:
        return render_page(context, reload_case(context, key, own.form), own, failed)
    return back_to_case(case, _("Saved."), "answers")


def open_answers(context: Context, case: Case, *, sent: bool) -> OwnFields:
    """The form that corrects the answers of *case*. Files stay with the opening, so it has no fields for them."""
    before = request_answers.load_answers(case.answers)
    asked = [one for one in fields_of(case.request_type) if one.kind != engine.FILE]
    fields = request_answers.with_former_choices(asked, before)
    made = with_own_fields(PressForm, fields, languages(context))
    return OwnFields(context, fields, made() if sent else made(formdata=None), case=case, answered=before)


def render_page(context: Context, case: Case, own: OwnFields, status: int = 200) -> Any:
    """The form with its fields; people whom the case excludes are no choice."""
    shown = own.shown(case.account_id)
    return render_verb_page(context, "desk/answers.html", case, own.form, status, own_fields=shown)
