"""Calls that telephone systems reported. Every read starts at a scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, and_, literal_column
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope, select_nothing
from portal.calls.models import IncomingCall, TelephoneSystem
from portal.calls.rules import LineState, has_telling_number
from portal.kernel.actor import Actor, Id
from portal.kernel.bounded_counts import bounded_count
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.statement_cache import NOW
from portal.tenants.models import StaffMember
from portal.tenants.queries.contact_search import NumberHolder, holders_of_numbers

SIZE, MOST_SHOWN, MOST_CALLERS = 20, 5, 4
# Written with a literal, so that a generic plan can use the partial index.
IS_MISSED = and_(
    IncomingCall.state == literal_column(f"'{LineState.ENDED.value}'", String()),
    IncomingCall.answered_at.is_(None),
    IncomingCall.settled_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Callers:
    """The people who have the number of a call, as far as the actor sees them: for everybody else it is a number that
    nobody has. *more*: there are more than are named."""

    people: Sequence[NumberHolder] = ()
    more: bool = False


def _own_shown(actor: Actor) -> "Select[Any]":
    return scope(actor, IncomingCall).where(IncomingCall.staff_id == actor.staff_id, IncomingCall.shown_until > NOW)


def ringing_count(actor: Actor) -> ScalarSelect[int]:
    """The number of calls that ring for the actor, a member of staff, or that they talk in or may log: a part of the
    statement of the frame's counts."""
    rows = _own_shown(actor) if actor.is_staff else select_nothing(scope(actor, IncomingCall))
    return bounded_count(rows.with_only_columns(IncomingCall.id), MOST_SHOWN)


def ringing_calls(ctx: Context) -> Sequence[IncomingCall]:
    """The calls that pages show to the actor, the newest first."""
    rows = _own_shown(ctx.actor).order_by(IncomingCall.started_at.desc(), IncomingCall.id.desc()).limit(MOST_SHOWN)
    return ctx.session.scalars(rows, {NOW.key: ctx.now}).all()


def callers_of(ctx: Context, calls: Sequence[IncomingCall]) -> dict[Id, Callers]:
    """By the id of each of *calls*: who may have called. One statement for all of them."""
    holders = holders_of_numbers(ctx, [row.number for row in calls if has_telling_number(row.number)])
    return {row.id: _named([one for one in holders if one.has_number(row.number)]) for row in calls}


def _named(people: Sequence[NumberHolder]) -> Callers:
    return Callers(people[:MOST_CALLERS], len(people) > MOST_CALLERS)


def missed_calls(ctx: Context, number: int) -> Page[IncomingCall]:
    """Visible calls that nobody answered and nobody settled, the newest first."""
    rows = scope(ctx.actor, IncomingCall).where(IS_MISSED)
    rows = rows.options(joinedload(IncomingCall.staff).joinedload(StaffMember.user))
    ordered = rows.order_by(IncomingCall.started_at.desc(), IncomingCall.id.desc())
    return fetch_page_of(ctx.session, ordered, number, SIZE)


def incoming_call(ctx: Context, incoming_id: Id, *, lock: bool = False) -> IncomingCall:
    """One visible call; NotFound otherwise."""
    if lock:
        load(ctx, IncomingCall, IncomingCall.id == incoming_id, lock=True)
    options = [joinedload(IncomingCall.staff).joinedload(StaffMember.user)]
    return load(ctx, IncomingCall, IncomingCall.id == incoming_id, options=options, fresh=lock)


def lock_call_of_system(ctx: Context, system: TelephoneSystem, external_id: str) -> IncomingCall:
    """The call that *system* calls *external_id*, locked; it was stored before. The system asks."""
    found = IncomingCall.external_id == external_id
    return load(ctx, IncomingCall, IncomingCall.system_id == system.id, found, lock=True)
