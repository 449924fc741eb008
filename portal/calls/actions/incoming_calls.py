"""Writes on calls that telephone systems report. They are observations, so no events: what staff log of a call is."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.calls.engine.telephone_events import TelephoneEvent
from portal.calls.models import Call, IncomingCall, TelephoneSystem
from portal.calls.queries.hotlines import home_region
from portal.calls.queries.incoming_calls import lock_call_of_system
from portal.calls.queries.telephone_systems import extension_of_number
from portal.calls.rules import RINGS, STAYS, TALKS, LineState, has_telling_number
from portal.kernel import ids, retention
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.phone_numbers import parse_number
from portal.kernel.uow import announce_nothing
from portal.tenants.queries.contact_search import holders_of_numbers


def take_event(ctx: Context, system: TelephoneSystem, event: TelephoneEvent) -> IncomingCall:
    """Store what *system* says of a call, and return the call. The system acts.

    The same message twice changes nothing, and a late one never leads back: a call that was answered rings no more, and
    one that ended is not answered again. Ringing on at another extension moves the call there, and so does an answer.
    """
    ctx.session.execute(
        insert(IncomingCall)
        .values(
            id=ids.new_id(),
            provider_id=ctx.provider_id,
            system_id=system.id,
            external_id=event.call,
            number="",
            called="",
            account_ids=[],
            state=LineState.RINGING,
            started_at=ctx.now,
            seconds=0,
            heard_at=ctx.now,
        )
        .on_conflict_do_nothing()
    )
    row = lock_call_of_system(ctx, system, event.call)
    before = _facts(row)
    _take_number(ctx, row, event)
    {LineState.RINGING: _ring, LineState.ANSWERED: _answer, LineState.ENDED: _end}[LineState(event.event)](
        ctx, row, event
    )
    if _facts(row) == before:
        announce_nothing(ctx.session)
    else:
        row.heard_at = ctx.now
        ctx.session.flush()
    return row


def settle(ctx: Context, row: IncomingCall, call: Call | None = None) -> None:
    """Nothing is left to do about *row*: it was logged as *call*, or nobody needs to call back. Raises Conflict where
    somebody was faster, and for a call that goes on."""
    require(ctx.actor, Permission.CASE_ANSWER)
    if row.settled_at is not None:
        raise Conflict(_("Somebody has seen to this call already."))
    if call is None and not row.missed:
        raise Conflict(_("Only a call that nobody answered can be taken off the list."))
    row.settled_at, row.settled_by_id = ctx.now, ctx.actor.staff_id
    row.call_id = call.id if call is not None else None
    row.shown_until = None
    ctx.session.flush()


def delete_old_incoming_calls(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* calls of which nothing was heard since *before*; returns how many (`kernel.retention`).
    Logged calls stay."""
    return retention.delete_rows(ctx, IncomingCall, limit, IncomingCall.heard_at < before)


def _facts(row: IncomingCall) -> tuple[object, ...]:
    return (
        row.number,
        row.called,
        row.staff_id,
        row.state,
        row.answered_at,
        row.ended_at,
        row.seconds,
        row.shown_until,
    )


def _take_number(ctx: Context, row: IncomingCall, event: TelephoneEvent) -> None:
    """Set who calls, once it is known."""
    if row.number or not event.caller:
        return
    row.number = parse_number(event.caller, home_region(ctx)) or event.caller
    if has_telling_number(row.number):
        holders = holders_of_numbers(ctx, [row.number])
        row.account_ids = sorted({one.account_id for one in holders if one.has_number(row.number)})


def _take_called(ctx: Context, row: IncomingCall, event: TelephoneEvent) -> bool:
    """Set whose call it is. Returns whether that is another extension than before."""
    if not event.called or event.called == row.called:
        return False
    row.called = event.called
    holder = extension_of_number(ctx, event.called)
    row.staff_id = holder.staff_id if holder is not None else None
    return True


def _ring(ctx: Context, row: IncomingCall, event: TelephoneEvent) -> None:
    if row.state != LineState.RINGING:
        return
    if _take_called(ctx, row, event) or row.shown_until is None:
        row.shown_until = ctx.now + RINGS


def _answer(ctx: Context, row: IncomingCall, event: TelephoneEvent) -> None:
    if row.state == LineState.ENDED:
        # A late message: at least nobody missed it.
        row.answered_at = row.answered_at or row.ended_at
        return
    moved = _take_called(ctx, row, event)
    if moved or row.state != LineState.ANSWERED:
        row.state, row.answered_at = LineState.ANSWERED, row.answered_at or ctx.now
        row.shown_until = ctx.now + TALKS


def _end(ctx: Context, row: IncomingCall, event: TelephoneEvent) -> None:
    if row.state == LineState.ENDED:
        return
    if not row.called:
        _take_called(ctx, row, event)
    talked = (ctx.now - row.answered_at).total_seconds() if row.answered_at is not None else 0
    row.seconds = min(int(talked) if event.seconds is None else event.seconds, 86_400)
    row.state, row.ended_at = LineState.ENDED, ctx.now
    row.shown_until = ctx.now + STAYS if row.answered_at is not None and row.settled_at is None else None
