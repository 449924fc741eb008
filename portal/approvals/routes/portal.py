"""/cases/<key>/approval: what needs a yes, the two buttons, and what the client may do with the question."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.approvals.actions import answers as actions
from portal.approvals.forms.answers import ApprovalForm, TakeBackForm
from portal.approvals.models import ApprovalRequest
from portal.approvals.pages.request import page_values
from portal.approvals.queries.requests import latest_request
from portal.approvals.routes.blueprint import approvals
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@approvals.route("/cases/<key:key>/approval", methods=["GET", "POST"])
@on_portal
def approval(key: str) -> Any:
    """What is asked, and for whoever is asked the buttons that say yes or no."""
    context = ctx()
    form = ApprovalForm()
    case, row = load_request(context, key, lock=form.is_submitted())
    if not form.is_submitted():
        return _page(context, case, row, form)
    status = submit_form(
        form,
        lambda: actions.answer(context, case, approves=form.decision.data == "yes", reason=form.reason.data or ""),
    )
    if status:
        return _page(context, case, _again(context, case), form, status)
    flash(_("Saved. Thank you."), "success")
    return see(url_for("approvals.approval", key=case.key))


@approvals.route("/cases/<key:key>/approval/withdraw", methods=["GET", "POST"])
@on_portal
def withdraw(key: str) -> Any:
    """Take the question back: who opened the case, and its contact."""
    context = ctx()
    form = TakeBackForm()
    case, row = load_request(context, key, lock=form.is_submitted())
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.withdraw(context, case, reason=form.reason.data or ""))
        if not status:
            flash(_("The question was taken back."), "success")
            return see(url_for("cases.show", key=case.key))
        row = _again(context, case)
    return page(
        "approvals/withdraw.html",
        status,
        case=case,
        form=form,
        **page_values(context, case, row),
    )


@approvals.route("/cases/<key:key>/approval/again", methods=["GET", "POST"])
@on_portal
def ask_again(key: str) -> Any:
    """Ask again about what was refused, withdrawn, or answered by nobody."""
    context = ctx()
    form = PressForm()
    case, row = load_request(context, key, lock=form.is_submitted())
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.ask_again(context, case))
        if not status:
            flash(_("It was asked again."), "success")
            return see(url_for("approvals.approval", key=case.key))
        row = _again(context, case)
    return page(
        "approvals/again.html",
        status,
        case=case,
        form=form,
        **page_values(context, case, row),
    )


def load_request(context: Context, key: str, *, lock: bool) -> tuple[Case, ApprovalRequest]:
    """The case and its last request; NotFound where nothing was asked that the reader sees."""
    case = by_key(context, key, lock=lock)
    row = latest_request(context, case)
    if row is None:
        raise NotFound
    return case, row


def _again(context: Context, case: Case) -> ApprovalRequest:
    """The last request after a refused form: others may have answered it."""
    row = latest_request(context, case, lock=request.method == "POST")
    if row is None:
        raise NotFound
    return row


def _page(context: Context, case: Case, row: ApprovalRequest, form: ApprovalForm, status: int = 200) -> Any:
    return page(
        "approvals/request.html",
        status,
        case=case,
        form=form,
        **page_values(context, case, row),
    )
