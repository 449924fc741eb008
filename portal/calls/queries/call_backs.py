"""Reads of call-backs. Every read starts at a scope."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, literal_column
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope, select_nothing
from portal.calls.engine.slots import AHEAD, free_slots
from portal.calls.models import CallBack
from portal.calls.queries.hotlines import SupportLine, lines
from portal.calls.rules import CallBackState
from portal.cases.models import Case
from portal.kernel.actor import Actor, Id
from portal.kernel.bounded_counts import bounded_count
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.system_context import as_system
from portal.tenants.models import StaffMember

SIZE = 20
# Written as a literal, so that a generic plan can use the partial indexes.
IS_OPEN = CallBack.state == literal_column(f"'{CallBackState.OPEN.value}'", String())
# The lists of the desk.
LISTS = ("all", "mine", "free", "overdue")
MOST_COUNTED = 100


def _shown(rows: "Select[Any]") -> "Select[Any]":
    """*rows* with what a list or a page shows of each."""
    return rows.options(
        joinedload(CallBack.case, innerjoin=True).joinedload(Case.account, innerjoin=True),
        joinedload(CallBack.user, innerjoin=True),
        joinedload(CallBack.owner).joinedload(StaffMember.user),
    )


def lines_with_call_backs(ctx: Context) -> list[SupportLine]:
    """The hotlines at which a call can be asked for."""
    return [line for line in lines(ctx) if line.calls_back]


def taken_slots(ctx: Context, line: SupportLine) -> Mapping[dt.datetime, int]:
    """How many calls the slots ahead of *line* hold. The system counts: nobody is shown whose they are."""
    with as_system(ctx) as inner:
        rows = (
            scope(inner.actor, CallBack)
            .where(
                CallBack.hotline_id == line.id,
                IS_OPEN,
                CallBack.starts_at > ctx.now,
                CallBack.starts_at <= ctx.now + AHEAD,
            )
            .with_only_columns(CallBack.starts_at)
        )
        return Counter(inner.session.scalars(rows.limit(10_000)))


def open_slots(ctx: Context, line: SupportLine) -> list[dt.datetime]:
    """The beginnings of the free slots of *line*."""
    return free_slots(line.calendar, line.rules, ctx.now, taken_slots(ctx, line))


def own_open(ctx: Context) -> Sequence[CallBack]:
    """The call-backs that the person waits for."""
    rows = scope(ctx.actor, CallBack).where(CallBack.user_id == ctx.actor.user_id, IS_OPEN)
    return ctx.session.scalars(rows.order_by(CallBack.starts_at).limit(50)).all()


def earlier_call_back(ctx: Context, idempotency_key: str | None) -> CallBack | None:
    """The call-back that the same form of the same person asked for already."""
    if not idempotency_key:
        return None
    rows = scope(ctx.actor, CallBack).where(
        CallBack.user_id == ctx.actor.user_id, CallBack.idempotency_key == idempotency_key
    )
    return ctx.session.scalars(rows).one_or_none()


def own_page(ctx: Context, number: int) -> Page[CallBack]:
    """The person's own call-backs, the latest slot first."""
    rows = scope(ctx.actor, CallBack).where(CallBack.user_id == ctx.actor.user_id)
    ordered = _shown(rows).order_by(CallBack.starts_at.desc(), CallBack.id.desc())
    return fetch_page_of(ctx.session, ordered, number, SIZE)


def call_back(ctx: Context, call_back_id: Id, *, lock: bool = False) -> CallBack:
    """One visible call-back with its case; NotFound otherwise."""
    if lock:
        load(ctx, CallBack, CallBack.id == call_back_id, lock=True)
    options = [
        joinedload(CallBack.case, innerjoin=True).joinedload(Case.account, innerjoin=True),
        joinedload(CallBack.user, innerjoin=True),
        joinedload(CallBack.owner).joinedload(StaffMember.user),
    ]
    return load(ctx, CallBack, CallBack.id == call_back_id, options=options, fresh=lock)


def desk_page(ctx: Context, shown: str, number: int) -> Page[CallBack]:
    """One list of the desk: open call-backs, the one that is due first at the top."""
    rows = scope(ctx.actor, CallBack).where(IS_OPEN)
    if shown == "mine":
        rows = rows.where(CallBack.owner_id == ctx.actor.staff_id)
    elif shown == "free":
        rows = rows.where(CallBack.owner_id.is_(None))
    elif shown == "overdue":
        rows = rows.where(CallBack.due_at <= ctx.now)
    return fetch_page_of(ctx.session, _shown(rows).order_by(CallBack.due_at, CallBack.id), number, SIZE)


def waiting_count(actor: Actor) -> ScalarSelect[int]:
    """The number of visible calls that people wait for, for the rail of the desk: a part of a statement."""
    rows = scope(actor, CallBack).where(IS_OPEN) if actor.is_staff else select_nothing(scope(actor, CallBack))
    return bounded_count(rows.with_only_columns(CallBack.id), MOST_COUNTED)


def open_call_backs_of(ctx: Context, case_id: uuid.UUID) -> Sequence[CallBack]:
    """The open call-backs about a case that the actor may see."""
    rows = scope(ctx.actor, CallBack).where(CallBack.case_id == case_id, IS_OPEN)
    return ctx.session.scalars(_shown(rows).order_by(CallBack.starts_at).limit(10)).all()
