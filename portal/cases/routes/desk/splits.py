"""Splitting a case: messages that go on in a case of their own."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import splits
from portal.cases.forms.fields import idempotency_key
from portal.cases.forms.links import SplitForm
from portal.cases.models import Case
from portal.cases.pages.splits import split_choices
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.nobody_reads import reading_values
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/split")
@requires(Permission.CASE_MERGE)
def split_form(key: str) -> Any:
    """Ask which messages, and for the words of the new case. `?message=` ticks one."""
    case = load_permitted_case(ctx(), key, Permission.CASE_MERGE)
    form = SplitForm(formdata=None)
    form.messages.data = request.args.getlist("message")[: splits.MOST_MESSAGES]
    form.description.data = _("This was a part of %(key)s. We continue with it here.", key=case.key)
    form.notify.data = True
    return render_page(ctx(), case, form)


def render_page(context: Context, case: Case, form: SplitForm, status: int = 200) -> Any:
    """The messages as boxes, and the words of the new case."""
    form.once.data = form.once.data or ids.new_id().hex
    choices = split_choices(context, case)
    values = reading_values(context, case)
    return render_verb_page(context, "desk/split.html", case, form, status, choices=choices, **values)


@desk.post("/cases/<key:key>/split")
@requires(Permission.CASE_MERGE)
def split_case(key: str) -> Any:
    """Move the chosen messages to a new case, and show it."""
    context, form = ctx(), SplitForm()
    case = by_key(context, key, lock=True)
    opened: list[Case] = []

    def act() -> None:
        wanted = splits.Split(
            form.messages.ids(),
            form.subject.data or "",
            form.description.data or "",
            tell=bool(form.notify.data),
            idempotency_key=idempotency_key(form),
            anyway=form.send_anyway(),
        )
        opened.append(splits.split(context, case, wanted))

    failed = submit_form(form, act)
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    new = by_key(context, f"{case.account.key}-{opened[0].number}")
    return back_to_case(new, _("This continues as a case of its own: %(key)s.", key=new.key))
