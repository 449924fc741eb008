"""Writes on call-backs: ask, cancel, claim, and the reminder of one that is overdue."""

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.calls.engine.slots import is_slot
from portal.calls.models import CallBack
from portal.calls.queries.call_backs import IS_OPEN, earlier_call_back, own_open, taken_slots
from portal.calls.queries.hotlines import SupportLine, home_region
from portal.calls.rules import MOST_OPEN, CallBackState, is_overdue
from portal.cases.actions.conversation import reply
from portal.cases.actions.opening import Opening, submit
from portal.cases.models import Case, CaseLocation, RequestType
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import Event, record
from portal.kernel.phone_numbers import parse_number
from portal.kernel.system_context import as_system
from portal.tenants.models import Account

# The kind of due work that reminds of a call-back whose slot has passed.
DUE = "call_back"


@dataclass(frozen=True, slots=True)
class CallBackWish:
    """When and where somebody wants to be called, and what about: `words` are theirs."""

    line: SupportLine
    start: dt.datetime
    number: str
    words: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class NewCase:
    """The case that a call-back opens."""

    account: Account
    request_type: RequestType
    subject: str
    environment_id: Id | None = None


def ask_for_call(ctx: Context, wish: CallBackWish, about: Case | NewCase) -> CallBack:
    """Plan a call about a case of the person, which gets their words as a reply, or about a new one (channel `phone`);
    records `call.asked`. A second press finds the first call-back. Raises Refused for a number that cannot be dialed, a
    slot that is not free any more, and too many open call-backs."""
    number = _check_number(ctx, wish.number)
    _lock_slot(ctx, wish)
    earlier = earlier_call_back(ctx, wish.idempotency_key)
    if earlier is not None:
        return earlier
    waiting = own_open(ctx)
    if isinstance(about, Case) and any(row.case_id == about.id for row in waiting):
        raise Refused(_("A call about this case is planned already. Cancel it first to choose another time"), "slot")
    if len(waiting) >= MOST_OPEN:
        raise Refused(_("You wait for %(num)d calls already. Cancel one of them first", num=len(waiting)), "slot")
    _check_slot(ctx, wish)
    case = _case_of(ctx, wish, about, number)
    row = CallBack(
        **CaseLocation.of(case).columns(),
        hotline_id=wish.line.id,
        user_id=ctx.actor.user_id,
        number=number,
        starts_at=wish.start,
        due_at=wish.start + wish.line.rules.length,
        state=CallBackState.OPEN,
        asked_at=ctx.now,
        idempotency_key=wish.idempotency_key,
        version=1,
    )
    ctx.session.add(row)
    ctx.session.flush()
    outbox.schedule(ctx.session, ctx.provider_id, DUE, row.id, row.due_at)
    record(ctx, "call.asked", row, case=case, start=row.starts_at.isoformat())
    return row


def cancel(ctx: Context, row: CallBack) -> None:
    """Give the call up: who asked for it, or staff of the account; records `call.cancelled`. Raises Conflict for one
    that has ended."""
    if ctx.actor.is_contact and row.user_id != ctx.actor.user_id:
        raise Forbidden(_("Only who asked for the call can cancel it."))
    if not ctx.actor.is_contact:
        require(ctx.actor, Permission.CASE_ANSWER, row.case)
    _require_open(row)
    end(ctx, row, CallBackState.CANCELLED)
    record(ctx, "call.cancelled", row, case=row.case)


def claim(ctx: Context, row: CallBack) -> None:
    """Make the actor the one who calls; records `call.claimed`. Raises Conflict if somebody else was faster, and for a
    call-back that has ended."""
    require(ctx.actor, Permission.CASE_ANSWER, row.case)
    _require_open(row)
    if row.owner_id == ctx.actor.staff_id:
        return
    if row.owner is not None:
        raise Conflict(_("%(name)s was faster and makes this call.", name=row.owner.user.name))
    row.owner_id = ctx.actor.staff_id
    row.version += 1
    ctx.session.flush()
    record(ctx, "call.claimed", row, case=row.case)


def release(ctx: Context, row: CallBack) -> None:
    """Let others make the call again; records `call.released`. Raises Conflict where the actor does not make it."""
    require(ctx.actor, Permission.CASE_ANSWER, row.case)
    _require_open(row)
    if row.owner_id != ctx.actor.staff_id:
        raise Conflict(_("You do not make this call."))
    row.owner_id = None
    row.version += 1
    ctx.session.flush()
    record(ctx, "call.released", row, case=row.case)


def end(ctx: Context, row: CallBack, state: CallBackState) -> None:
    """Set the last state of an open call-back: nothing is due any more. The caller records why."""
    row.state, row.ended_at = state, ctx.now
    row.version += 1
    ctx.session.flush()
    outbox.unschedule(ctx.session, ctx.provider_id, DUE, row.id)


def remind(ctx: Context, row: CallBack) -> None:
    """Remind staff once of a call that nobody made in its slot; records `call.overdue`. The system acts."""
    if row.reminded_at is not None or not is_overdue(row, ctx.now):
        return
    row.reminded_at = ctx.now
    ctx.session.flush()
    owner = row.owner.user_id if row.owner is not None else None
    record(ctx, "call.overdue", row, case=row.case, owner=str(owner or ""))


def release_of_leaver(ctx: Context, event: Event) -> None:
    """React to `staff.ended`: the open call-backs of who left are nobody's, and stand in the list of free ones."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, CallBack).where(CallBack.owner_id == event.subject_id, IS_OPEN)
        locked = rows.order_by(CallBack.id).with_for_update().execution_options(populate_existing=True)
        for row in inner.session.scalars(locked):
            row.owner_id = None
            row.version += 1


def _lock_slot(ctx: Context, wish: CallBackWish) -> None:
    """Let one writer at a time take a place in a slot, and ask for a call as this person; until commit."""
    for key in (f"call slot {wish.line.id} {wish.start.isoformat()}", f"call of {ctx.actor.user_id}"):
        ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _require_open(row: CallBack) -> None:
    if row.state == CallBackState.DONE:
        raise Conflict(_("The call was made already."))
    if row.state == CallBackState.CANCELLED:
        raise Conflict(_("The call was cancelled."))


def _check_number(ctx: Context, written: str) -> str:
    number = parse_number(written, home_region(ctx))
    if number is None:
        raise Refused(_("Write a whole phone number, with the country's code if it is abroad"), "phone")
    return number


def _check_slot(ctx: Context, wish: CallBackWish) -> None:
    """Raise Refused unless the slot can be taken now. The caller holds its lock."""
    line = wish.line
    offered = line.calls_back and is_slot(line.calendar, line.rules, wish.start, ctx.now)
    if not offered or taken_slots(ctx, line).get(wish.start, 0) >= line.rules.calls:
        raise Refused(_("This time is not free any more. Choose another one"), "slot")


def _case_of(ctx: Context, wish: CallBackWish, about: Case | NewCase, number: str) -> Case:
    """The case that the call is about: the one that was chosen, or a new one."""
    if isinstance(about, Case):
        return reply(ctx, about, body=wish.words, idempotency_key=wish.idempotency_key)
    ctx.channel = "phone"
    opening = Opening(
        subject=about.subject,
        description=wish.words,
        environment_id=about.environment_id,
        severity=about.request_type.default_rank,
        phone=number,
        idempotency_key=wish.idempotency_key,
    )
    return submit(ctx, about.account, about.request_type, opening)
