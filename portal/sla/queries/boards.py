"""The monitor and the board of tiers: cases with their nearest clock, what is due, and figures."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.cases.queries.detail import card_load_options
from portal.cases.queries.lists import COUNT_LIMIT
from portal.cases.queries.status_filter import UNRESOLVED_CASE, state_condition
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.sla.engine.clock_status import ClockStatus
from portal.sla.engine.policy import ClockKind
from portal.sla.engine.results import PromiseCount
from portal.sla.models import CaseSlaState, EscalationRule, EscalationStep, FiredStep, SlaClock
from portal.sla.queries import results
from portal.sla.queries.case_clocks import AHEAD, nearest_clocks, running_clocks

URGENT_WITHIN = dt.timedelta(minutes=30)
LANE_LIMIT = 30
# The number of alarms that are read.
ALARM_LIMIT = 500
# How long an alarm keeps a case of tier 1 on the board.
ALARM_SPAN = dt.timedelta(days=7)


# -- lists ------------------------------------------------------------------------------------------------------------


# -- the monitor ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """A case on a board, with the clock that put it there; `further`: its other clocks of the same lane."""

    case: Case
    status: ClockStatus | None
    # For the board of tiers: since when it is there, why, by whom, until when it waits.
    since: dt.datetime | None = None
    why: str = ""
    by: str = ""
    further: Sequence[ClockStatus] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """One column of a board; `more` says that it holds more than is shown."""

    key: str
    cards: Sequence[Card]
    more: bool = False


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """The filter of a board: one account, one department, one severity, own cases."""

    account_id: Id | None = None
    department_id: Id | None = None
    severity: int | None = None
    owner_id: Id | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as conditions on cases."""
        wanted = {
            Case.account_id: self.account_id,
            Case.department_id: self.department_id,
            Case.severity: self.severity,
            Case.owner_id: self.owner_id,
        }
        return [column == value for column, value in wanted.items() if value is not None]


@dataclass(frozen=True, slots=True)
class TodayFigures:
    """The figures under the monitor. `promises` by kind: kept and broken today, as every report counts them. `open`,
    `paused` and `unassigned` are counted up to COUNT_LIMIT."""

    promises: dict[str, PromiseCount] = field(default_factory=dict)
    open: int = 0
    paused: int = 0
    unassigned: int = 0


def monitor(ctx: Context, narrowing: BoardFilter) -> list[Lane]:
    """The lanes of the monitor by clock: late cases, the most severe first (F6), and clocks due within AHEAD, the
    nearest first. A case stands in each lane that one of its clocks belongs to, once. Three statements."""
    late, soon = _late_cases(ctx, narrowing), _clocks_due_soon(ctx, narrowing)
    read = running_clocks(ctx, [case.id for case in (*late, *(case for case, _clock in soon))])
    lanes: dict[str, dict[Id, Card]] = {key: {} for key in ("breached", "hurry", "ahead", "updates")}
    for case in late:
        for status in sorted(read.get(case.id, {}).values(), key=lambda status: status.due or ctx.now):
            if status.due is not None and status.due <= ctx.now:
                _add_clock(lanes["breached"], case, status)
    for case, clock_id in soon:
        if (found := read.get(case.id, {}).get(clock_id)) is not None:
            _add_clock(lanes[_lane_of(found, ctx.now)], case, found)
    return [Lane(key, [*cards.values()][:LANE_LIMIT], len(cards) > LANE_LIMIT) for key, cards in lanes.items()]


def _add_clock(cards: dict[Id, Card], case: Case, status: ClockStatus) -> None:
    card = cards.setdefault(case.id, Card(case, status))
    if card.status is not status:
        cards[case.id] = replace(card, further=(*card.further, status))


def _lane_of(status: ClockStatus, now: dt.datetime) -> str:
    if status.kind == ClockKind.NEXT_UPDATE:
        return "updates"
    return "hurry" if status.due is not None and status.due <= now + URGENT_WITHIN else "ahead"


def _late_cases(ctx: Context, narrowing: BoardFilter) -> Sequence[Case]:
    rows = (
        scope(ctx.actor, Case)
        .join(CaseSlaState, and_(CaseSlaState.provider_id == Case.provider_id, CaseSlaState.case_id == Case.id))
        .where(CaseSlaState.next_due_at <= ctx.now, *narrowing.conditions())
        .options(*card_load_options())
        .order_by(Case.severity, CaseSlaState.next_due_at, Case.id)
        .limit(LANE_LIMIT + 1)
    )
    return ctx.session.scalars(rows).unique().all()


def _clocks_due_soon(ctx: Context, narrowing: BoardFilter) -> Sequence[tuple[Case, Id]]:
    """Each clock that falls due within AHEAD, as its case and its own id."""
    rows = (
        scope(ctx.actor, Case)
        .join(SlaClock, and_(SlaClock.provider_id == Case.provider_id, SlaClock.case_id == Case.id))
        .where(SlaClock.stopped_at.is_(None), SlaClock.due_at > ctx.now, SlaClock.due_at <= ctx.now + AHEAD)
        .where(*narrowing.conditions())
        .options(*card_load_options())
        .order_by(SlaClock.due_at, SlaClock.id)
        .limit(LANE_LIMIT * 4 + 1)
        .add_columns(SlaClock.id)
    )
    return [(row[0], row[1]) for row in ctx.session.execute(rows).unique()]


def today(ctx: Context, narrowing: BoardFilter) -> TodayFigures:
    """The results of promises today, and what is open. Two statements."""
    zone = ZoneInfo(ctx.provider.zone or "UTC")
    start = ctx.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    visible = scope(ctx.actor, Case).where(*narrowing.conditions()).with_only_columns(Case.id)
    counted = (
        scope(ctx.actor, SlaClock)
        .where(results.counts_in_period(start, ctx.now), SlaClock.case_id.in_(visible))
        .with_only_columns(SlaClock.kind, *results.kept_and_broken(start, ctx.now))
        .group_by(SlaClock.kind)
    )
    found = {kind: PromiseCount(kept, broken) for kind, kept, broken in ctx.session.execute(counted)}
    active = scope(ctx.actor, Case).where(UNRESOLVED_CASE, *narrowing.conditions())
    open_cases = [
        active,
        active.where(state_condition("waiting", "on_hold")),
        active.where(Case.owner_id.is_(None)),
    ]
    row = ctx.session.execute(select(*(_capped(rows).scalar_subquery() for rows in open_cases))).one()
    return TodayFigures(found, *row)


def _capped(rows: "Select[Any]") -> Any:
    return select(func.count()).select_from(rows.with_only_columns(Case.id).limit(COUNT_LIMIT).subquery())


def newly_late(lanes: Sequence[Lane], since: dt.datetime, now: dt.datetime) -> list[Card]:
    """The cases whose promise was broken after *since*, for the announcement of the monitor."""
    return [
        card
        for lane in lanes
        if lane.key == "breached"
        for card in lane.cards
        if any(s is not None and s.due is not None and since < s.due <= now for s in (card.status, *card.further))
    ]


# -- the board of tiers -----------------------------------------------------------------------------------------------


def tiers(ctx: Context, narrowing: BoardFilter) -> list[Lane]:
    """Escalated cases by tier: tier 1 holds those with a recent alarm; cases that wait for a third party have their own
    lane. A few statements."""
    lanes = []
    vendor: list[Card] = []
    cards = _escalated(ctx, narrowing)
    everything = [case for found in cards.values() for case in found]
    read = nearest_clocks(ctx, [case.id for case in everything])
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


def _escalated(ctx: Context, narrowing: BoardFilter) -> dict[int, list[Case]]:
    """The cases of each lane, the most severe first, one more than is shown. The few are selected first, and the data
    of cards is joined only for them."""
    rung = (
        scope(ctx.actor, FiredStep)
        .where(FiredStep.fired_at >= ctx.now - ALARM_SPAN)
        .order_by(FiredStep.fired_at.desc())
        .limit(ALARM_LIMIT)
        .with_only_columns(FiredStep.case_id)
    )
    alarmed = set(ctx.session.scalars(rung))
    order = (Case.severity, Case.updated_at, Case.id)
    rows = scope(ctx.actor, Case).where(UNRESOLVED_CASE, *narrowing.conditions()).order_by(*order)
    found: dict[int, list[Id]] = {}
    for tier in (1, 2, 3):
        lane = rows.where(Case.tier == literal_column(str(tier)), *([Case.id.in_(alarmed)] if tier == 1 else []))
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
        .with_only_columns(Event.case_id, Event.occurred_at, Event.actor_name, Event.facts)
    )
    events = ctx.session.execute(rows).all()
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
