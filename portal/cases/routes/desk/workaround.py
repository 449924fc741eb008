"""The workaround of a case: which message is pinned."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import workarounds
from portal.cases.forms.desk import WorkaroundForm
from portal.cases.forms.fields import form_version
from portal.cases.models import Case
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.conversation import pinnable_messages
from portal.cases.queries.nobody_reads import reading_values
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.urls import text_parameter

# In the field of the message: none is pinned any more.
NO_WORKAROUND = "none"


@desk.get("/cases/<key:key>/workaround")
@requires(Permission.CASE_ANSWER)
def workaround_form(key: str) -> Any:
    """Show the messages that may be the workaround; `?message=` selects one."""
    case = load_permitted_case(ctx(), key, Permission.CASE_ANSWER)
    return render_page(ctx(), case, WorkaroundForm(formdata=None, data={"message": text_parameter("message", 40)}))


def render_page(context: Context, case: Case, form: WorkaroundForm, status: int = 200) -> Any:
    """The newest public messages, and the one that is pinned."""
    offered = pinnable_messages(context, case, ids.parse_id(form.message.data))
    pinned = next((one for one in offered if one.position == case.workaround_position), None)
    if not form.message.data and pinned is not None:
        form.message.data = str(pinned.id)
    return render_verb_page(
        context,
        "desk/workaround.html",
        case,
        form,
        status,
        offered=offered,
        pinned=pinned,
        none_=NO_WORKAROUND,
        **reading_values(context, case),
    )


@desk.post("/cases/<key:key>/workaround")
@requires(Permission.CASE_ANSWER)
def pin_workaround(key: str) -> Any:
    """Pin the chosen message, or none."""
    context, form = ctx(), WorkaroundForm()
    case = by_key(context, key, lock=True)
    load_permitted_case(context, key, Permission.CASE_ANSWER)
    unpins = form.message.data == NO_WORKAROUND

    def act() -> None:
        version = form_version(form)
        if unpins:
            workarounds.unpin_workaround(context, case, expected_version=version)
        else:
            workarounds.pin_workaround(context, case, ids.parse_id(form.message.data), expected_version=version)

    failed = submit_form(form, act)
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    return back_to_case(
        case,
        _("No workaround is pinned any more.")
        if unpins
        else _("The workaround is pinned. Everybody on the case is told."),
    )
