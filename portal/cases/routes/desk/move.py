"""Moving a case to another account."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import links
from portal.cases.forms.links import MoveForm
from portal.cases.models import Case
from portal.cases.pages.verb_page import load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key, detail
from portal.cases.queries.contact_options import contact_options
from portal.cases.queries.people import PEOPLE_LIMIT, people_of
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.tenants.queries import accounts as account_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import see


@desk.get("/cases/<key:key>/move")
@requires(Permission.CASE_MOVE)
def move_form(key: str) -> Any:
    """Ask for the account."""
    return render_page(ctx(), load_permitted_case(ctx(), key, Permission.CASE_MOVE), MoveForm(formdata=None))


def render_page(context: Context, case: Case, form: MoveForm, status: int = 200) -> Any:
    """The form with the accounts; for a chosen account with its people."""
    accounts = [a for a in account_queries.account_choices(context) if a.id != case.account_id]
    chosen = next((a for a in accounts if a.key == form.account.data), None)
    people = people_of(context, chosen.id, limit=PEOPLE_LIMIT, admitted_by=case) if chosen else []
    return render_verb_page(
        context,
        "desk/move.html",
        case,
        form,
        status,
        accounts=[(row.key, f"{row.name} ({row.key})") for row in accounts],
        chosen=chosen,
        people=contact_options(context, people),
    )


@desk.post("/cases/<key:key>/move")
@requires(Permission.CASE_MOVE)
def move(key: str) -> Any:
    """Open a linked case in the account and close this one; with `refresh` only show the account's people."""
    context, form = ctx(), MoveForm()
    case = by_key(context, key, lock=True)
    results: list[Case] = []

    def act() -> None:
        try:
            account = account_queries.account_by_key(context, form.account.data or "")
        except NotFound:
            raise Refused(_("Choose an account"), "account") from None
        contact_id = ids.parse_id(form.contact.data)
        if contact_id is None:
            raise Refused(_("Choose the person who is affected"), "contact")
        results.append(links.move_account(context, case, account, contact_id=contact_id))

    if request.form.get("refresh"):
        load_permitted_case(context, key, Permission.CASE_MOVE)
        return render_page(context, case, form)
    failed = submit_form(form, act)
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    target = detail.by_id(context, results[0].id)
    flash(_("%(key)s continues in this case.", key=case.key))
    return see(url_for("desk.show", key=target.key))
