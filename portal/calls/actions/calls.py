"""Writes on logged calls."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.calls.actions import call_backs
from portal.calls.models import Call, CallBack
from portal.calls.queries.calls import earlier_call
from portal.calls.queries.hotlines import home_region
from portal.calls.rules import CallBackState, CallResult, Direction
from portal.cases.actions.conversation import note
from portal.cases.actions.opening import Opening, submit
from portal.cases.models import Case, CaseLocation, RequestType
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.phone_numbers import parse_number
from portal.tenants.models import Account

LONGEST = 600


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What staff say of a call. `number` is as it was written, '' for a withheld one; `note` is for staff only."""

    direction: str
    minutes: int
    result: str
    number: str = ""
    note: str = ""
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class CaseOfCall:
    """The case that a call opens on behalf of a contact."""

    account: Account
    contact_id: Id
    request_type: RequestType
    subject: str
    description: str


def log_call(
    ctx: Context,
    facts: CallFacts,
    about: Case | CaseOfCall,
    *,
    user_id: Id | None = None,
    answers: CallBack | None = None,
) -> Call:
    """Store a call about a case, or about a new one that it opens on behalf of the contact (channel `phone`); the note
    becomes an internal note of the case. Records `call.logged`. *user_id* is who was on the phone, where it was not the
    contact. A conversation ends the call-back that it *answers*; a call that reached nobody makes the actor its owner.
    A second press finds the first call. Raises Refused for what no call can be, and Conflict for a call-back that has
    ended."""
    require(ctx.actor, Permission.CASE_NOTE)
    if facts.idempotency_key:  # serializes double presses until commit
        key = func.hashtextextended(f"call log {ctx.actor.staff_id} {facts.idempotency_key}", 0)
        ctx.session.execute(select(func.pg_advisory_xact_lock(key)))
    found = earlier_call(ctx, facts.idempotency_key)
    if found is not None:
        return found
    number = _check(ctx, facts)
    case = about if isinstance(about, Case) else _open_case(ctx, about, facts, number)
    require(ctx.actor, Permission.CASE_NOTE, case)
    if facts.note:
        note(ctx, case, body=facts.note, idempotency_key=facts.idempotency_key)
    row = Call(
        **CaseLocation.of(case).columns(),
        user_id=user_id or case.contact_user_id,
        number=number,
        staff_id=ctx.actor.staff_id,
        direction=facts.direction,
        minutes=facts.minutes,
        result=facts.result,
        call_back_id=answers.id if answers is not None else None,
        logged_at=ctx.now,
        idempotency_key=facts.idempotency_key,
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(
        ctx,
        "call.logged",
        row,
        case=case,
        direction=facts.direction,
        minutes=facts.minutes,
        result=facts.result,
        user=str(row.user_id),
        talked=facts.result == CallResult.TALKED,
    )
    if answers is not None:
        _answer_call_back(ctx, answers, facts)
    return row


def _answer_call_back(ctx: Context, row: CallBack, facts: CallFacts) -> None:
    if row.owner_id != ctx.actor.staff_id or row.state != CallBackState.OPEN:
        call_backs.claim(ctx, row)
    if facts.result == CallResult.TALKED:
        call_backs.end(ctx, row, CallBackState.DONE)


def _check(ctx: Context, facts: CallFacts) -> str:
    """The number as E.164. Raises Refused with the field."""
    if facts.direction not in list(Direction):
        raise Refused(_("Choose one of the answers shown"), "direction")
    if facts.result not in list(CallResult):
        raise Refused(_("Choose one of the answers shown"), "result")
    if not 0 <= facts.minutes <= LONGEST:
        raise Refused(_("Write a whole number from %(low)d to %(high)d", low=0, high=LONGEST), "minutes")
    if not facts.number:
        return ""
    number = parse_number(facts.number, home_region(ctx))
    if number is None:
        raise Refused(_("Write a whole phone number, with the country's code if it is abroad"), "number")
    return number


def _open_case(ctx: Context, about: CaseOfCall, facts: CallFacts, number: str) -> Case:
    ctx.channel = "phone"
    opening = Opening(
        subject=about.subject,
        description=about.description,
        contact_id=about.contact_id,
        severity=about.request_type.default_rank,
        phone=number,
        idempotency_key=facts.idempotency_key,
    )
    return submit(ctx, about.account, about.request_type, opening)
