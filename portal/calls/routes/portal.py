"""/calls: people ask to be called, and see the calls that they wait for."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.calls import labels
from portal.calls.actions import call_backs as actions
from portal.calls.actions.call_backs import CallBackWish, NewCase
from portal.calls.forms.call_backs import CallBackForm, drawn_form_key, option_rows
from portal.calls.queries import call_backs as queries
from portal.calls.queries.hotlines import SupportLine
from portal.calls.routes.blueprint import calls
from portal.cases.actions.opening import OpeningLocation
from portal.cases.models import Case, RequestType
from portal.cases.queries import by_key, request_types
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, NotFound, Refused
from portal.kernel.phone_numbers import show_number
from portal.tenants.models import Account
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import on_portal
from portal.web.htmx import page, see
from portal.web.urls import number_parameter, text_parameter


@calls.get("/calls")
@on_portal
def own_calls() -> Any:
    """The calls that the person asked for."""
    context = ctx()
    return page(
        "calls/index.html",
        rows=queries.own_page(context, number_parameter("page", 1, highest=50)),
        lines=queries.lines_with_call_backs(context),
        labels=labels,
        show_number=show_number,
    )


@calls.route("/calls/new", methods=["GET", "POST"])
@on_portal
def ask() -> Any:
    """Ask to be called: about a new case, or with `?case=` about one that is there."""
    context = ctx()
    form = CallBackForm()
    case = _asked_case(context)
    offered = _offer(context, form, case)
    if not form.is_submitted() or request.form.get("refresh"):
        if not form.is_submitted():
            form.phone.data, form.once.data = context.person.phone, uuid.uuid4().hex
        return _form_page(context, form, case, offered)
    made: list[Any] = []

    def act() -> None:
        if offered.line is None:
            raise Refused(_("Nobody calls back at the moment"), "hotline")
        key = drawn_form_key()
        wish = CallBackWish(offered.line, form.start(), form.phone.data or "", form.words.data or "", key)
        made.append(actions.ask_for_call(context, wish, case or _new_case(form, offered)))

    status = submit_form(form, act)
    if status:
        return _form_page(context, form, case, _offer(context, form, case), status)
    flash(_("We call you at the time that you chose."), "success")
    return see(url_for("calls.own_calls"))


@calls.route("/calls/<uuid:call_back_id>/cancel", methods=["GET", "POST"])
@on_portal
def cancel(call_back_id: uuid.UUID) -> Any:
    """Give a call up."""
    context = ctx()
    row = queries.call_back(context, call_back_id, lock=request.method == "POST")
    form = PressForm()
    status = submit_form(form, lambda: actions.cancel(context, row)) if form.is_submitted() else 200
    if status:
        return page("calls/cancel.html", status, form=form, row=row, labels=labels)
    flash(_("The call was cancelled."), "success")
    return see(url_for("calls.own_calls"))


@dataclass(frozen=True, slots=True)
class _Offered:
    """What the form lets people choose among."""

    line: SupportLine | None
    account: Account | None
    types: dict[str, RequestType]


def _asked_case(context: Context) -> Case | None:
    """The case of `?case=`, which the person must be able to write in."""
    key = text_parameter("case", 21)
    if not key:
        return None
    case = by_key(context, key)
    if not can(context.actor, Permission.CASE_REPLY, case):
        raise Forbidden(_("You can read this case, but not write in it."), ("reporter", "contact"))
    return case


def _offer(context: Context, form: CallBackForm, case: Case | None) -> _Offered:
    """Fill the choices of the form with what the person may use."""
    lines = queries.lines_with_call_backs(context)
    form.hotline.choices = option_rows(lines)
    line = next((one for one in lines if str(one.id) == form.hotline.data), lines[0] if lines else None)
    if line is not None:
        form.hotline.data = str(line.id)
        starts = queries.open_slots(context, line)
        if form.is_submitted() and queries.earlier_call_back(context, drawn_form_key()) is not None:
            # The second press of a form whose slot the first one took.
            starts = [form.start(), *starts]
        form.offer_slots([(start, labels.slot_words(start, start + line.rules.length)) for start in starts])
    else:
        form.offer_slots([])
    if case is not None:
        form.account.choices = form.environment.choices = form.type.choices = [("", "")]
        form.account.data = form.environment.data = form.type.data = ""
        return _Offered(line, None, {})
    accounts = [row for row in account_queries.account_choices(context) if _may_open(context, row)]
    form.account.choices = [("", _("Choose an account")), *((a.key, f"{a.name} ({a.key})") for a in accounts)]
    if len(accounts) == 1:
        form.account.data = form.account.data or accounts[0].key
    key = form.account.data if form.account.data in {row.key for row in accounts} else ""
    account = account_queries.account_by_key(context, key) if key else None
    places = environment_queries.active_environments(context, [account.id]) if account is not None else []
    form.environment.choices = [("", _("I don't know")), *option_rows(places)]
    types = {row.key: row for row in request_types(context, [account.id] if account is not None else None)}
    form.type.choices = [("", _("Choose a request type")), *((row.key, row.name) for row in types.values())]
    return _Offered(line, account, types)


def _may_open(context: Context, account: Any) -> bool:
    places = [None, *(row.environment_id for row in context.actor.access if row.account_id == account.id)]
    return any(
        can(context.actor, Permission.CASE_OPEN, OpeningLocation(account.organization_id, account.id, place))
        for place in places
    )


def _new_case(form: CallBackForm, offered: _Offered) -> NewCase:
    """The case to open. Raises Refused with the field that is missing."""
    if offered.account is None:
        raise Refused(_("Choose an account"), "account")
    kind = offered.types.get(form.type.data or "")
    if kind is None:
        raise Refused(_("Choose a request type"), "type")
    form.require_subject()
    return NewCase(offered.account, kind, form.subject.data or "", ids.parse_id(form.environment.data))


def _form_page(context: Context, form: CallBackForm, case: Case | None, offered: _Offered, status: int = 200) -> Any:
    if offered.line is None and not queries.lines_with_call_backs(context):
        raise NotFound
    return page(
        "calls/ask.html",
        status,
        form=form,
        case=case,
        line=offered.line,
        several=len(form.hotline.choices) > 1,
        accounts=len(form.account.choices) - 1,
        environments=len(form.environment.choices) - 1,
        slots=len(form.slot.choices) - 1,
        here=url_for("calls.ask", case=case.key) if case is not None else url_for("calls.ask"),
    )
