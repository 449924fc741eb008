"""/desk/calls: the calls that people wait for, and the log of calls."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.calls import labels
from portal.calls.actions import call_backs as actions
from portal.calls.actions import incoming_calls as incoming_actions
from portal.calls.actions.calls import LONGEST, CaseOfCall, log_call
from portal.calls.forms.call_backs import drawn_form_key
from portal.calls.forms.calls import NEW_CASE, LogCallForm
from portal.calls.models import CallBack, IncomingCall
from portal.calls.queries import call_backs as queries
from portal.calls.queries.calls import call_log
from portal.calls.queries.hotlines import lines
from portal.calls.queries.incoming_calls import incoming_call
from portal.calls.queries.people import PersonOfCall, case_of_person, open_cases_of_person, person_of_call
from portal.calls.queries.telephone_systems import has_telephone_systems
from portal.calls.routes.blueprint import calls
from portal.calls.rules import minutes_of
from portal.cases.models import Case
from portal.cases.queries import by_key, request_types
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.phone_numbers import show_number
from portal.tenants.queries.accounts import account_by_key
from portal.tenants.queries.contact_search import find_callers
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.urls import id_parameter, number_parameter, text_parameter

BASE = "/desk/calls"
reads = requires(Permission.CASE_READ)
answers = requires(Permission.CASE_ANSWER)


def is_worth_showing(context: Context) -> bool:
    """Whether the provider has a number of support or a telephone system: else there are no calls."""
    return bool(lines(context)) or has_telephone_systems(context)


@calls.get("/desk/calls")
@reads
def waiting() -> Any:
    """The calls that people wait for: all, mine, free or overdue."""
    context = ctx()
    shown = text_parameter("show", 10)
    shown = shown if shown in queries.LISTS else "all"
    return page(
        "calls/desk/index.html",
        rows=queries.desk_page(context, shown, number_parameter("page", 1, highest=50)),
        shown=shown,
        has_systems=has_telephone_systems(context),
        labels=labels,
        show_number=show_number,
    )


@calls.get("/desk/calls/made")
@reads
def made() -> Any:
    """The log of calls."""
    context = ctx()
    own, direction = text_parameter("whose", 10) == "mine", text_parameter("direction", 5)
    direction = direction if direction in ("in", "out") else ""
    return page(
        "calls/desk/made.html",
        rows=call_log(context, number_parameter("page", 1, highest=200), own=own, direction=direction),
        own=own,
        direction=direction,
        labels=labels,
        show_number=show_number,
    )


@calls.route("/desk/calls/<uuid:call_back_id>/claim", methods=["GET", "POST"])
@answers
def claim(call_back_id: uuid.UUID) -> Any:
    """Make the call oneself; what follows is the form that logs it."""
    return _verb(
        "claim",
        call_back_id,
        lambda row: actions.claim(ctx(), row),
        lambda row: url_for("calls.log", back=row.id),
    )


@calls.route("/desk/calls/<uuid:call_back_id>/release", methods=["GET", "POST"])
@answers
def release(call_back_id: uuid.UUID) -> Any:
    """Let others make it."""
    return _verb("release", call_back_id, lambda row: actions.release(ctx(), row), lambda _row: BASE)


@calls.route("/desk/calls/<uuid:call_back_id>/cancel", methods=["GET", "POST"])
@answers
def cancel_for_client(call_back_id: uuid.UUID) -> Any:
    """Nobody needs to call any more."""
    return _verb("cancel", call_back_id, lambda row: actions.cancel(ctx(), row), lambda _row: BASE)


def _verb(verb: str, call_back_id: uuid.UUID, act: Callable[[CallBack], None], after: Callable[[CallBack], str]) -> Any:
    """Ask before a verb of a call-back, or do it."""
    row = queries.call_back(ctx(), call_back_id, lock=request.method == "POST")
    form = PressForm()
    status = submit_form(form, lambda: act(row)) if form.is_submitted() else 200
    if status:
        return page("calls/desk/verb.html", status, verb=verb, form=form, row=row, labels=labels, trail=_trail())
    flash(_("Saved."), "success")
    return see(after(row))


@calls.route("/desk/calls/log", methods=["GET", "POST"])
@requires(Permission.CASE_OPEN_FOR_OTHERS)
def log() -> Any:
    """Log a call: search the person (`?caller=`), or answer a call-back (`?back=`), or call about a case (`?case=`);
    `?incoming=` is the call of a telephone system that it was."""
    context = ctx()
    answered, reported = _answered(context), _reported(context)
    about = answered.case if answered is not None else _asked_case(context)
    person = _chosen_person(context, about)
    if person is None:
        return _search_page(context, reported)
    form = LogCallForm()
    _offer(context, form, person, about)
    if not form.is_submitted():
        _prefill(form, person, answered, about)
        if reported is not None:
            _prefill_reported(form, reported)
        return _form_page(context, form, person, answered, about, reported)
    done: list[Any] = []

    def act() -> None:
        target = _target(context, form, person)
        facts = form.facts(drawn_form_key())
        done.append(log_call(context, facts, target, user_id=person.user_id, answers=answered))
        if reported is not None and reported.settled_at is None:
            incoming_actions.settle(context, reported, done[0])

    status = submit_form(form, act)
    if status:
        return _form_page(context, form, person, answered, about, reported, status)
    flash(_("The call was logged."), "success")
    return see(url_for("desk.show", key=case_of_person(context, done[0].case_id).key))


def _trail() -> list[tuple[str, str]]:
    return [(_("Calls"), BASE)]


def _answered(context: Context) -> CallBack | None:
    wanted = id_parameter("back")
    return queries.call_back(context, wanted, lock=request.method == "POST") if wanted is not None else None


def _reported(context: Context) -> IncomingCall | None:
    wanted = id_parameter("incoming")
    return incoming_call(context, wanted, lock=request.method == "POST") if wanted is not None else None


def _asked_case(context: Context) -> Case | None:
    key = text_parameter("case", 21)
    return by_key(context, key) if key else None


def _chosen_person(context: Context, about: Case | None) -> PersonOfCall | None:
    """Who is on the phone: the one of `?person=ACCOUNT:contact`, else the contact of the case."""
    picked = text_parameter("person", 60)
    if picked:
        return person_of_call(context, picked)
    if about is not None:
        return person_of_call(context, f"{about.account.key}:{about.contact_id}")
    return None


def _search_page(context: Context, reported: IncomingCall | None) -> Any:
    asked = text_parameter("caller", 100)
    asked = asked if len(asked) >= (4 if asked.isdecimal() else 2) else ""
    found, more = find_callers(context, asked) if asked else ([], False)
    return page("calls/desk/caller.html", asked=asked, found=found, more=more, incoming=reported, trail=_trail())


def _offer(context: Context, form: LogCallForm, person: PersonOfCall, about: Case | None) -> None:
    cases = open_cases_of_person(context, person)
    if about is not None and all(row.key != about.key for row in cases):
        cases = [about, *cases]
    form.case.choices = [*((row.key, f"{row.key}: {row.subject}") for row in cases), (NEW_CASE, _("Open a new case"))]
    types = request_types(context, [person.account_id])
    form.type.choices = [("", _("Choose a request type")), *((row.key, row.name) for row in types)]


def _prefill(form: LogCallForm, person: PersonOfCall, answered: CallBack | None, about: Case | None) -> None:
    form.once.data = uuid.uuid4().hex
    form.direction.data = "out" if answered is not None or about is not None else "in"
    form.number.data = show_number(answered.number) if answered is not None else text_parameter("number", 50)
    form.number.data = form.number.data or person.phone
    form.result.data = "talked"
    form.case.data = about.key if about is not None else form.case.choices[0][0]


def _prefill_reported(form: LogCallForm, reported: IncomingCall) -> None:
    """What the telephone system knows: who called whom, the number and the minutes."""
    form.direction.data = "out" if reported.missed else "in"
    form.number.data = show_number(reported.number)
    if not reported.missed and reported.ended_at is not None:
        form.minutes.data = min(minutes_of(reported.seconds), LONGEST)


def _target(context: Context, form: LogCallForm, person: PersonOfCall) -> Case | CaseOfCall:
    """The case that the call is about: one that was chosen, locked, or a new one."""
    if not form.opens_case:
        return by_key(context, form.case.data or "", lock=True)
    form.require_new_case()
    kind = next((row for row in request_types(context, [person.account_id]) if row.key == form.type.data), None)
    if kind is None:
        raise Refused(_("Choose a request type"), "type")
    account = account_by_key(context, person.account_key)
    return CaseOfCall(account, person.contact_id, kind, form.subject.data or "", form.description.data or "")


def _form_page(
    context: Context,
    form: LogCallForm,
    person: PersonOfCall,
    answered: CallBack | None,
    about: Case | None,
    reported: IncomingCall | None,
    status: int = 200,
) -> Any:
    if answered is not None and answered.state != "open" and status == 200:
        raise NotFound
    query: dict[str, Any] = (
        {"back": answered.id} if answered is not None else {"person": f"{person.account_key}:{person.contact_id}"}
    )
    if about is not None and answered is None:
        query["case"] = about.key
    if reported is not None:
        query["incoming"] = reported.id
    return page(
        "calls/desk/log.html",
        status,
        form=form,
        person=person,
        answered=answered,
        incoming=reported,
        here=url_for("calls.log", **query),
        labels=labels,
        show_number=show_number,
        trail=_trail(),
    )
