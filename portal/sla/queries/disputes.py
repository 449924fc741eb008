"""The receipt of a case: every clock with its segments, counted by the engine, and the objections to them (N3)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.cases.models import Case
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.sla.clock_rows import clock_from_row
from portal.sla.engine import clock_status, clocks
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.clock_status import ClockStatus
from portal.sla.engine.clocks import Clock, Segment
from portal.sla.engine.policy import ClockKind
from portal.sla.models import Objection, SlaClock
from portal.sla.queries.case_clocks import calendars_of

# A case with more clocks than this shows the newest of them.
CLOCK_LIMIT = 200


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One segment of a clock. `end` None: it has not ended. `counted` is the time counted for its target."""

    number: int
    segment: Segment
    counted: dt.timedelta
    objections: Sequence[Objection] = ()


@dataclass(frozen=True, slots=True)
class ClockReceipt:
    """One clock in full: its status, every segment, their sum, and the target."""

    row: SlaClock
    status: ClockStatus
    lines: Sequence[ReceiptLine]
    total: dt.timedelta
    whole: dt.timedelta
    working: bool


@dataclass(frozen=True, slots=True)
class SplitOrigin:
    """The case that a case was split off from, by its key, and the moment from which promises count."""

    key: str
    counted_from: dt.datetime


def split_origin(ctx: Context, case: Case) -> SplitOrigin | None:
    """Where *case* was split off; None for a case that was opened by itself."""
    rows = scope(ctx.actor, Event).where(Event.case_id == case.id, Event.name == "case.split_off")
    event = ctx.session.scalars(rows.limit(1)).one_or_none()
    if event is None:
        return None
    return SplitOrigin(event.facts["source"], dt.datetime.fromisoformat(event.facts["counted_from"]))


def receipt(ctx: Context, case: Case) -> list[ClockReceipt]:
    """Every clock of *case* in the order in which they began. Two statements, and none more for a known calendar."""
    rows = ctx.session.scalars(
        scope(ctx.actor, SlaClock)
        .where(SlaClock.case_id == case.id)
        .order_by(SlaClock.started_at.desc(), SlaClock.id)
        .limit(CLOCK_LIMIT)
    ).all()
    found = [(row, clock_from_row(row)) for row in rows]
    calendars = calendars_of(ctx, (clock for _row, clock in found))
    raised: dict[tuple[Id, dt.datetime], list[Objection]] = {}
    for one in objections(ctx, case):
        raised.setdefault((one.clock_id, one.segment_start), []).append(one)
    order = list(ClockKind)
    receipts = [_clock_receipt(ctx, row, clock, calendars.get(clock.terms.calendar), raised) for row, clock in found]
    return sorted(receipts, key=lambda one: (order.index(one.status.kind), one.row.number))


def _clock_receipt(
    ctx: Context,
    row: SlaClock,
    clock: Clock,
    calendar: Calendar | None,
    raised: dict[tuple[Id, dt.datetime], list[Objection]],
) -> ClockReceipt:
    track = clock_status.binding_track(clock, calendar)
    lines = [
        ReceiptLine(n, one, clocks.counted_time(one, track, calendar, ctx.now), raised.get((row.id, one.start), ()))
        for n, one in enumerate(clock.segments)
    ]
    return ClockReceipt(
        row,
        clock_status.read_clock(clock, calendar, ctx.now),
        lines,
        sum((line.counted for line in lines), dt.timedelta(0)),
        dt.timedelta(seconds=track.seconds),
        not track.always and calendar is not None and not calendar.always,
    )


def clock(ctx: Context, clock_id: Id) -> SlaClock:
    """One clock of a visible case; NotFound otherwise."""
    return load(ctx, SlaClock, SlaClock.id == clock_id, fresh=True)


def objections(ctx: Context, case: Case) -> Sequence[Objection]:
    """The objections of the customer's side to how time was counted, the oldest first."""
    rows = scope(ctx.actor, Objection).where(Objection.case_id == case.id).options(joinedload(Objection.by))
    return ctx.session.scalars(rows.order_by(Objection.made_at, Objection.id).limit(200)).all()
