"""/desk/cases/<key>/approval: what a case waits for, asking by hand, naming somebody, taking it back."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.approvals.actions import answers as actions
from portal.approvals.forms.answers import ApprovalForm, TakeBackForm
from portal.approvals.forms.asking import AskForm, NameForm
from portal.approvals.pages.request import page_values
from portal.approvals.queries.requests import latest_request
from portal.approvals.routes.blueprint import answers_cases, approvals
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.people import people_choices
from portal.cases.queries.staff import other_staff
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.urls import text_parameter

PEOPLE = 100


@approvals.route("/desk/cases/<key:key>/approval", methods=["GET", "POST"])
@requires(Permission.CASE_READ)
def desk_approval(key: str) -> Any:
    """What is asked and what became of it; for a colleague who is asked the buttons."""
    context, form = ctx(), ApprovalForm()
    case = by_key(context, key, lock=form.is_submitted())
    if latest_request(context, case) is None:
        raise NotFound
    status = 200
    if form.is_submitted():
        status = submit_form(
            form,
            lambda: actions.answer(context, case, approves=form.decision.data == "yes", reason=form.reason.data or ""),
        )
        if not status:
            flash(_("Saved. Thank you."), "success")
            return see(url_for("approvals.desk_approval", key=case.key))
    return _desk_page(context, "approvals/desk/request.html", case, form, status)


@approvals.route("/desk/cases/<key:key>/approval/ask", methods=["GET", "POST"])
@answers_cases
def ask(key: str) -> Any:
    """Ask people of the client, or with `?of=staff` colleagues, for their yes."""
    context, form = ctx(), AskForm()
    case = by_key(context, key, lock=form.is_submitted())
    require(context.actor, Permission.CASE_ANSWER, case)
    internal = text_parameter("of") == "staff"
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.ask_by_hand(context, case, form.wish(internal=internal)))
        if not status:
            flash(_("Asked."), "success")
            return see(url_for("approvals.desk_approval", key=case.key))
    people = _people(context, case, internal=internal)
    values = {"internal": internal, "people": people[:PEOPLE], "more": len(people) > PEOPLE}
    return page("approvals/desk/ask.html", status, case=case, form=form, base=f"/desk/cases/{case.key}", **values)


@approvals.route("/desk/cases/<key:key>/approval/name", methods=["GET", "POST"])
@answers_cases
def name_approver(key: str) -> Any:
    """Ask one more person, where nobody is left who may answer or somebody is away."""
    context, form = ctx(), NameForm()
    case = by_key(context, key, lock=form.is_submitted())
    require(context.actor, Permission.CASE_ANSWER, case)
    row = latest_request(context, case)
    if row is None:
        raise NotFound
    form.offer(_people(context, case, internal=row.internal)[:PEOPLE])
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.add_approver(context, case, _chosen(form)))
        if not status:
            flash(_("Asked."), "success")
            return see(url_for("approvals.desk_approval", key=case.key))
    return _desk_page(context, "approvals/desk/name.html", case, form, status)


@approvals.route("/desk/cases/<key:key>/approval/withdraw", methods=["GET", "POST"])
@answers_cases
def desk_withdraw(key: str) -> Any:
    """Take the question back."""
    context, form = ctx(), TakeBackForm()
    case = by_key(context, key, lock=form.is_submitted())
    require(context.actor, Permission.CASE_ANSWER, case)
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.withdraw(context, case, reason=form.reason.data or ""))
        if not status:
            flash(_("The question was taken back."), "success")
            return see(url_for("desk.show", key=case.key))
    return _desk_page(context, "approvals/desk/withdraw.html", case, form, status)


@approvals.route("/desk/cases/<key:key>/approval/again", methods=["GET", "POST"])
@answers_cases
def desk_ask_again(key: str) -> Any:
    """Ask again about what was refused, withdrawn, or answered by nobody."""
    context, form = ctx(), PressForm()
    case = by_key(context, key, lock=form.is_submitted())
    require(context.actor, Permission.CASE_ANSWER, case)
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.ask_again(context, case))
        if not status:
            flash(_("It was asked again."), "success")
            return see(url_for("approvals.desk_approval", key=case.key))
    return _desk_page(context, "approvals/desk/again.html", case, form, status)


def _people(context: Context, case: Case, *, internal: bool) -> list[tuple[Any, str]]:
    """(user id, name) of whom the actor may ask, one more than the page offers."""
    if internal:
        return other_staff(context, PEOPLE + 1)
    without = [case.contact_user_id, case.reported_by_id]
    return list(people_choices(context, case.account_id, "", PEOPLE + 1, without=without))


def _chosen(form: NameForm) -> Any:
    found = form.person_id()
    if found is None:
        raise Refused(_("Choose a person"), "approver")
    return found


def _desk_page(context: Context, template: str, case: Case, form: Any, status: int) -> Any:
    row = latest_request(context, case)
    if row is None:
        raise NotFound
    return page(
        template, status, case=case, form=form, base=f"/desk/cases/{case.key}", **page_values(context, case, row)
    )
