"""Promises beside cases: the nearest clock of each case in a list, what is due, the monitor, the board of tiers."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.cases.queries.detail import card_load_options
from portal.cases.queries.lists import COUNT_LIMIT, Ordering
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.events import Event
from portal.kernel.statement_cache import NOW, fetch_rows
from portal.sla.clock_store import clock_of
from portal.sla.engine import clock_status
from portal.sla.engine.clock_status import Reading
from portal.sla.engine.clocks import Clock
from portal.sla.engine.policy import Kind
from portal.sla.house import house
from portal.sla.models import CaseStanding, EscalationRule, EscalationStep, FiredStep, SlaClock
from portal.sla.rule_versions import Books

Id = uuid.UUID
# What the queue "due soon" and the monitor look ahead; under HURRY it is high time.
AHEAD = dt.timedelta(hours=2)
HURRY = dt.timedelta(minutes=30)
LANE_LIMIT = 30
# So many alarms are looked back at.
RUNG_LIMIT = 500
# How long ago an alarm may be that keeps a case of tier 1 on the board.
ALARMED = dt.timedelta(days=7)
ENDED = ("resolved", "closed")


# -- lists ------------------------------------------------------------------------------------------------------------


def due_soon(ctx: Context) -> ColumnElement[bool]:
    """Cases whose nearest running promise falls due within AHEAD of the moment."""
    return _due_when(ctx, CaseStanding.next_due_at > NOW, CaseStanding.next_due_at <= NOW + AHEAD)


def breached(ctx: Context) -> ColumnElement[bool]:
    """Cases whose nearest running promise should have been kept by the moment."""
    return _due_when(ctx, CaseStanding.next_due_at <= NOW)


def _due_when(ctx: Context, *when: ColumnElement[bool]) -> ColumnElement[bool]:
    return Case.id.in_(select(CaseStanding.case_id).where(CaseStanding.provider_id == ctx.provider_id, *when))


def escalated(ctx: Context) -> ColumnElement[bool]:
    return and_(Case.tier > 1, Case.state.not_in(ENDED))


def _with_standing(rows: "Select[Any]") -> "Select[Any]":
    return rows.outerjoin(
        CaseStanding, and_(CaseStanding.provider_id == Case.provider_id, CaseStanding.case_id == Case.id)
    )


# Ways to sort lists: by severity and then by what is due first (F6), or by what is due first alone.
ORDERINGS: Mapping[str, Ordering] = {
    "target": Ordering(
        _with_standing, (Case.severity, CaseStanding.next_due_at.nulls_last(), Case.updated_at, Case.id)
    ),
    "due": Ordering(_with_standing, (CaseStanding.next_due_at.nulls_last(), Case.severity, Case.id)),
    "-due": Ordering(_with_standing, (CaseStanding.next_due_at.desc().nulls_last(), Case.severity, Case.id)),
}


def nearest(ctx: Context, case_ids: Sequence[Id]) -> dict[Id, Reading]:
    """The clock of each case that a list shows: the one due first, else one that stands still; one statement.

    A case with no clock that goes on is left out.
    """

    def running() -> "Select[Any]":
        rows = scope(ctx.actor, SlaClock).where(SlaClock.state != "stopped")
        rows = rows.where(SlaClock.case_id == any_(bindparam("case_ids", None, ARRAY(Uuid()))))
        return rows.with_only_columns(*table_of(SlaClock).columns)

    going: dict[Id, list[Clock]] = {}
    for row in fetch_rows(ctx, "sla.nearest", running, case_ids=list(case_ids)):
        going.setdefault(row.case_id, []).append(clock_of(row))
    calendars = calendars_of(ctx, (clock for found in going.values() for clock in found))
    return {case_id: first(found, calendars, ctx.now) for case_id, found in going.items()}


def readings(ctx: Context, case: Case) -> list[tuple[Any, Reading]]:
    """The latest clock of each kind on *case* (a row of its columns), in the order of `Kind`, with how it stands
    now."""

    def latest() -> "Select[Any]":
        rows = scope(ctx.actor, SlaClock).where(SlaClock.case_id == bindparam("case_id", None, Uuid()))
        rows = rows.ext(distinct_on(SlaClock.kind)).with_only_columns(*table_of(SlaClock).columns)
        return rows.order_by(SlaClock.kind, SlaClock.number.desc())

    found = [(row, clock_of(row)) for row in fetch_rows(ctx, "sla.readings", latest, case_id=case.id)]
    calendars = calendars_of(ctx, (clock for _row, clock in found))
    order = list(Kind)
    return sorted(
        ((row, clock_status.read(clock, calendars.get(clock.terms.calendar), ctx.now)) for row, clock in found),
        key=lambda pair: order.index(pair[1].kind),
    )


def lead_alerted(ctx: Context, case: Case, kind: str) -> dt.datetime | None:
    """When the team lead was last told that a clock of *kind* on *case* ran out; read as the house, because whom a
    rule tells is staff's business, and that somebody in charge knows is the customer's."""
    with house(ctx) as inner:
        rows = (
            scope(inner.actor, FiredStep)
            .join(EscalationStep, EscalationStep.id == FiredStep.step_id)
            .where(
                FiredStep.case_id == case.id,
                FiredStep.kind == kind,
                EscalationStep.percent >= 100,
                EscalationStep.whom.contains(["lead"]),
            )
            .with_only_columns(func.max(FiredStep.told_at))
        )
        return inner.session.scalar(rows)


def first(found: Sequence[Clock], calendars: Mapping[Id | None, Any], now: dt.datetime) -> Reading:
    """Of clocks that go on, the one that is due first; those that stand still come last."""
    chosen = min(found, key=lambda clock: (clock.due_at is None, clock.due_at or clock.started_at))
    return clock_status.read(chosen, calendars.get(chosen.terms.calendar), now)


def calendars_of(ctx: Context, clocks: Iterable[Clock]) -> dict[Id | None, Any]:
    """The calendars that *clocks* are counted by; a process keeps them, so mostly nothing is read."""
    wanted = {clock.terms.calendar for clock in clocks if clock.terms.calendar is not None}
    if not wanted:
        return {}
    books = Books(ctx)
    if not books.has_calendars(wanted):
        # A version that is no longer agreed is out of a customer's sight, though their case was counted by it.
        with house(ctx) as inner:
            Books(inner).fetch([], wanted)
    return {version: books.calendar(version) for version in wanted}


# -- the monitor ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """A case on a board, with the clock that put it there."""

    case: Case
    reading: Reading | None
    # Of the board of tiers: since when it is there, why, by whom, until when it waits.
    since: dt.datetime | None = None
    why: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One column of a board; `more` says that it holds more than is shown."""

    key: str
    cards: Sequence[Card]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a board is about: one account, one department, one severity, one's own."""

    account_id: Id | None = None
    department_id: Id | None = None
    severity: int | None = None
    owner_id: Id | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on cases."""
        wanted = {
            Case.account_id: self.account_id,
            Case.department_id: self.department_id,
            Case.severity: self.severity,
            Case.owner_id: self.owner_id,
        }
        return [column == value for column, value in wanted.items() if value is not None]


@dataclass(frozen=True, slots=True)
class Today:
    """The figures under the monitor. `met` and `of` by kind: promises that ended today, and how many of them in time.
    `open`, `paused` and `unassigned` are counted up to COUNT_LIMIT."""

    met: dict[str, int] = field(default_factory=dict)
    of: dict[str, int] = field(default_factory=dict)
    open: int = 0
    paused: int = 0
    unassigned: int = 0


def monitor(ctx: Context, narrowing: Narrowing) -> list[Lane]:
    """What is late, the most severe first (F6), and what falls due within AHEAD, the nearest first, in four lanes.
    Three statements."""
    late = _due(ctx, narrowing, None, ctx.now, LANE_LIMIT)
    soon = _due(ctx, narrowing, ctx.now, ctx.now + AHEAD, LANE_LIMIT * 4)
    read = nearest(ctx, [case.id for case, *_rest in (*late, *soon)])
    lanes: dict[str, list[Card]] = {"breached": [], "hurry": [], "ahead": [], "updates": []}
    for case, due_at, kind in (*late, *soon):
        if due_at <= ctx.now:
            key = "breached"
        elif kind == Kind.NEXT_UPDATE:
            key = "updates"
        else:
            key = "hurry" if due_at <= ctx.now + HURRY else "ahead"
        lanes[key].append(Card(case, read.get(case.id)))
    return [Lane(key, cards[:LANE_LIMIT], len(cards) > LANE_LIMIT) for key, cards in lanes.items()]


def _due(
    ctx: Context, narrowing: Narrowing, since: dt.datetime | None, until: dt.datetime, limit: int
) -> Sequence[tuple[Case, dt.datetime, str]]:
    rows = (
        scope(ctx.actor, Case)
        .join(CaseStanding, and_(CaseStanding.provider_id == Case.provider_id, CaseStanding.case_id == Case.id))
        .where(CaseStanding.next_due_at <= until, *narrowing.conditions())
        .options(*card_load_options())
        .order_by(*([Case.severity] if since is None else []), CaseStanding.next_due_at, Case.id)
        .limit(limit + 1)
        .add_columns(CaseStanding.next_due_at, CaseStanding.next_kind)
    )
    if since is not None:
        rows = rows.where(CaseStanding.next_due_at > since)
    return [(row[0], row[1], row[2]) for row in ctx.session.execute(rows).unique()]


def today(ctx: Context, narrowing: Narrowing) -> Today:
    """How promises that ended today went, and what is open. Two statements."""
    zone = ZoneInfo(ctx.provider.zone or "UTC")
    start = ctx.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    visible = scope(ctx.actor, Case).where(*narrowing.conditions()).with_only_columns(Case.id)
    ended = (
        scope(ctx.actor, SlaClock)
        .where(
            SlaClock.stopped_at >= start,
            SlaClock.stopped_at <= ctx.now,
            SlaClock.outcome.in_(("met", "missed")),
            SlaClock.case_id.in_(visible),
        )
        .with_only_columns(SlaClock.kind, SlaClock.outcome, func.count())
        .group_by(SlaClock.kind, SlaClock.outcome)
    )
    met: dict[str, int] = {}
    of: dict[str, int] = {}
    for kind, outcome, number in ctx.session.execute(ended):
        of[kind] = of.get(kind, 0) + number
        met[kind] = met.get(kind, 0) + (number if outcome == "met" else 0)
    active = scope(ctx.actor, Case).where(Case.state.not_in(ENDED), *narrowing.conditions())
    counted = [
        active,
        active.where(Case.state.in_(("waiting", "on_hold"))),
        active.where(Case.owner_id.is_(None)),
    ]
    row = ctx.session.execute(select(*(_capped(rows).scalar_subquery() for rows in counted))).one()
    return Today(met, of, *row)


def _capped(rows: "Select[Any]") -> Any:
    return select(func.count()).select_from(rows.with_only_columns(Case.id).limit(COUNT_LIMIT).subquery())


def broken_since(lanes: Sequence[Lane], since: dt.datetime, now: dt.datetime) -> list[Card]:
    """The cases whose promise was broken after *since*: what a monitor says aloud."""
    return [
        card
        for lane in lanes
        if lane.key == "breached"
        for card in lane.cards
        if card.reading is not None and card.reading.due is not None and since < card.reading.due <= now
    ]


# -- the board of tiers -----------------------------------------------------------------------------------------------


def tiers(ctx: Context, narrowing: Narrowing) -> list[Lane]:
    """Escalated cases by tier: tier 1 holds those about which somebody was alarmed lately; what waits for a third
    party stands in a lane of its own. A handful of statements."""
    lanes = []
    vendor: list[Card] = []
    cards = _escalated(ctx, narrowing)
    everything = [case for found in cards.values() for case in found]
    read = nearest(ctx, [case.id for case in everything])
    moved, rung = _moves(ctx, [case.id for case in everything]), _alarms(ctx, [case.id for case in everything])
    for tier, found in cards.items():
        lane = []
        for case in found[:LANE_LIMIT]:
            since, why, by = moved.get(case.id) or (rung.get(case.id) if tier == 1 else None) or (None, "", "")
            card = Card(case, read.get(case.id), since, why, by)
            if case.state == "on_hold":
                vendor.append(Card(case, read.get(case.id), since, case.hold_reason, by))
            else:
                lane.append(card)
        lanes.append(Lane(f"tier{tier}", lane, len(found) > LANE_LIMIT))
    return [*lanes, Lane("vendor", vendor)]


def _escalated(ctx: Context, narrowing: Narrowing) -> dict[int, list[Case]]:
    """The cases of each lane, the most severe first, one more than is shown. The few are picked first and read
    afterwards: what a card shows is joined for them alone."""
    rung = (
        scope(ctx.actor, FiredStep)
        .where(FiredStep.fired_at >= ctx.now - ALARMED)
        .order_by(FiredStep.fired_at.desc())
        .limit(RUNG_LIMIT)
        .with_only_columns(FiredStep.case_id)
    )
    alarmed = set(ctx.session.scalars(rung))
    order = (Case.severity, Case.updated_at, Case.id)
    rows = scope(ctx.actor, Case).where(Case.state.not_in(ENDED), *narrowing.conditions()).order_by(*order)
    found: dict[int, list[Id]] = {}
    for tier in (1, 2, 3):
        lane = rows.where(Case.tier == tier, *([Case.id.in_(alarmed)] if tier == 1 else []))
        found[tier] = list(ctx.session.scalars(lane.limit(LANE_LIMIT + 1).with_only_columns(Case.id)))
    wanted = [case_id for ids in found.values() for case_id in ids]
    read = scope(ctx.actor, Case).where(Case.id.in_(wanted)).options(*card_load_options())
    known = {case.id: case for case in ctx.session.scalars(read).unique()} if wanted else {}
    return {tier: [known[case_id] for case_id in ids if case_id in known] for tier, ids in found.items()}


def _moves(ctx: Context, case_ids: Sequence[Id]) -> dict[Id, tuple[dt.datetime, str, str]]:
    """When each case came to its tier last, with the hand-over note and by whom."""
    if not case_ids:
        return {}
    rows = (
        scope(ctx.actor, Event)
        .where(Event.case_id.in_(case_ids), Event.name == "case.escalated")
        .ext(distinct_on(Event.case_id))
        .order_by(Event.case_id, Event.id.desc())
    )
    events = ctx.session.scalars(rows).all()
    ids = [uuid.UUID(str(event.facts["message"])) for event in events if event.facts.get("message")]
    notes: dict[str, str] = {}
    if ids:
        said = scope(ctx.actor, Message).where(Message.id.in_(ids)).with_only_columns(Message.id, Message.body)
        notes = {str(message_id): body for message_id, body in ctx.session.execute(said)}
    return {
        event.case_id: (event.occurred_at, notes.get(str(event.facts.get("message")), ""), event.actor_name)
        for event in events
        if event.case_id is not None
    }


def _alarms(ctx: Context, case_ids: Sequence[Id]) -> dict[Id, tuple[dt.datetime, str, str]]:
    """The last alarm about each case, with the name of its rule."""
    if not case_ids:
        return {}
    rows = (
        scope(ctx.actor, FiredStep)
        .join(EscalationStep, EscalationStep.id == FiredStep.step_id)
        .join(EscalationRule, EscalationRule.id == EscalationStep.rule_id)
        .where(FiredStep.case_id.in_(case_ids))
        .ext(distinct_on(FiredStep.case_id))
        .order_by(FiredStep.case_id, FiredStep.fired_at.desc())
        .with_only_columns(FiredStep.case_id, FiredStep.fired_at, EscalationRule.name)
    )
    return {case_id: (fired_at, "", name) for case_id, fired_at, name in ctx.session.execute(rows)}
