"""The monitor (D-04) and the escalations board (D-05): bounded reads over running promises."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.sla.models import CaseStanding, FiredStep, SlaClock
from portal.sla.queries.clocks import Mark, marks_of, nearest_marks
from portal.tenants.models import StaffMember

Id = uuid.UUID
LANE = 30
COUNTED = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One card: a case, the clock that brought it here."""

    case: Case
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Lane:
    """Cards in order of due time, and how many there are (counted to COUNTED)."""

    key: str
    entries: Sequence[Entry]
    count: int


@dataclass(frozen=True, slots=True)
class Today:
    """Sums of the day, each by clock kind: (met, of all that stopped since midnight UTC of the reader's day)."""

    met: dict[str, tuple[int, int]]
    running: int
    paused: int


def monitor(ctx: Context, *, account_id: Id | None = None, department_id: Id | None = None) -> list[Lane]:
    """Four lanes: breached, due within 30 minutes, within 2 hours, and updates owed (due within 2 hours or late).

    A case stands in the first three once, by its nearest promise. Three statements for all of them.
    """
    half, two = ctx.now + dt.timedelta(minutes=30), ctx.now + dt.timedelta(hours=2)
    spans = (
        ("breached", CaseStanding.next_due_at <= ctx.now),
        ("half_hour", and_(CaseStanding.next_due_at > ctx.now, CaseStanding.next_due_at <= half)),
        ("two_hours", and_(CaseStanding.next_due_at > half, CaseStanding.next_due_at <= two)),
    )
    lanes = []
    for key, where in spans:
        rows = _filtered(_cases(ctx).where(where), account_id, department_id)
        lanes.append((key, rows, CaseStanding.next_due_at))
    owed = (
        _case_rows(ctx)
        .join(SlaClock, and_(SlaClock.case_id == Case.id, SlaClock.provider_id == Case.provider_id))
        .where(SlaClock.kind == "next_update", SlaClock.state == "running", SlaClock.due_at <= two)
    )
    lanes.append(("updates", _filtered(owed, account_id, department_id), SlaClock.due_at))
    found = []
    for key, rows, order in lanes:
        cases = list(ctx.session.scalars(rows.order_by(order, Case.id).limit(LANE)).unique())
        count = len(cases) if len(cases) < LANE else _count(ctx, rows)
        found.append((key, cases, count))
    marks = _marks(ctx, [case for _key, cases, _count in found for case in cases])
    return [
        Lane(key, [Entry(case, _mark(marks.get(case.id, []), key)) for case in cases], count)
        for key, cases, count in found
    ]


def _case_rows(ctx: Context) -> "Select[Any]":
    return scope(ctx.actor, Case).options(
        joinedload(Case.account, innerjoin=True),
        joinedload(Case.organization, innerjoin=True),
        joinedload(Case.owner).joinedload(StaffMember.user),
    )


def _cases(ctx: Context) -> "Select[Any]":
    return _case_rows(ctx).join(
        CaseStanding, and_(CaseStanding.case_id == Case.id, CaseStanding.provider_id == Case.provider_id)
    )


def _filtered(rows: "Select[Any]", account_id: Id | None, department_id: Id | None) -> "Select[Any]":
    if account_id is not None:
        rows = rows.where(Case.account_id == account_id)
    return rows.where(Case.department_id == department_id) if department_id is not None else rows


def _count(ctx: Context, rows: "Select[Any]") -> int:
    counted = rows.options().with_only_columns(Case.id).limit(COUNTED).subquery()
    return ctx.session.scalar(select(func.count()).select_from(counted)) or 0


def _marks(ctx: Context, cases: Sequence[Case]) -> dict[Id, list[Mark]]:
    if not cases:
        return {}
    rows = ctx.session.scalars(
        scope(ctx.actor, SlaClock)
        .where(SlaClock.case_id.in_({case.id for case in cases}), SlaClock.state != "stopped")
        .execution_options(populate_existing=True)
    ).all()
    found: dict[Id, list[Mark]] = {}
    for row, mark in zip(rows, marks_of(ctx, rows), strict=True):
        found.setdefault(row.case_id, []).append(mark)
    return found


def _mark(marks: Sequence[Mark], lane: str) -> Mark | None:
    wanted = [m for m in marks if m.due_at is not None and (lane != "updates" or m.kind == "next_update")]
    return min(wanted, key=lambda m: m.due_at or m.started_at) if wanted else None


def today(ctx: Context, since: dt.datetime) -> Today:
    """What was kept since *since* (midnight of the reader), and how much runs or is paused now; counts are by the
    actor's scope, and bounded by the day."""
    stopped = (
        scope(ctx.actor, SlaClock)
        .where(SlaClock.stopped_at >= since, SlaClock.outcome.in_(("met", "missed")))
        .with_only_columns(SlaClock.kind, SlaClock.outcome, func.count())
        .group_by(SlaClock.kind, SlaClock.outcome)
    )
    met: dict[str, tuple[int, int]] = {}
    for kind, outcome, count in ctx.session.execute(stopped):
        kept, total = met.get(kind, (0, 0))
        met[kind] = (kept + (count if outcome == "met" else 0), total + count)
    active = scope(ctx.actor, CaseStanding).where(CaseStanding.active)
    running = _bounded(ctx, active.where(CaseStanding.next_due_at.is_not(None)))
    paused = _bounded(
        ctx, active.where(CaseStanding.next_due_at.is_(None), CaseStanding.policy_version_id.is_not(None))
    )
    return Today(met, running, paused)


def _bounded(ctx: Context, rows: "Select[Any]") -> int:
    counted = rows.with_only_columns(CaseStanding.id).limit(1000).subquery()
    return ctx.session.scalar(select(func.count()).select_from(counted)) or 0


@dataclass(frozen=True, slots=True)
class Card:
    """One case on the board: its nearest clock, since when it is on its tier, why it came there and by whom."""

    case: Case
    mark: Mark | None
    since: dt.datetime | None
    reason: str
    by: str


def board(
    ctx: Context, *, account_id: Id | None = None, severity: int | None = None, mine: bool = False
) -> dict[str, list[Card]]:
    """The escalations board: unresolved cases by tier ('1', '2', '3') and those that wait for a vendor ('vendor').

    Tier 1 holds only cases that a rule warned of and that are still there; each column at most LANE cards, the
    nearest due first.
    """
    rows = _case_rows(ctx).outerjoin(
        CaseStanding, and_(CaseStanding.case_id == Case.id, CaseStanding.provider_id == Case.provider_id)
    )
    rows = _filtered(rows.where(Case.state.not_in(("resolved", "closed"))), account_id, None)
    if severity is not None:
        rows = rows.where(Case.severity == severity)
    if mine:
        rows = rows.where(Case.owner_id == ctx.actor.staff_id)
    warned = scope(ctx.actor, FiredStep).with_only_columns(FiredStep.case_id)
    columns = {
        "1": and_(Case.tier == 1, Case.state != "on_hold", Case.id.in_(warned)),
        "2": and_(Case.tier == 2, Case.state != "on_hold"),
        "3": and_(Case.tier == 3, Case.state != "on_hold"),
        "vendor": Case.state == "on_hold",
    }
    order = (CaseStanding.next_due_at.asc().nulls_last(), Case.severity, Case.id)
    found = {
        key: list(ctx.session.scalars(rows.where(where).order_by(*order).limit(LANE)).unique())
        for key, where in columns.items()
    }
    cases = [case for column in found.values() for case in column]
    marks = nearest_marks(ctx, cases)
    moved: dict[Id, Event] = {}
    if cases:
        events = scope(ctx.actor, Event).where(
            Event.case_id.in_([case.id for case in cases]),
            Event.name.in_(("case.escalated", "case.rejected", "case.held", "sla.step_fired")),
        )
        for event in ctx.session.scalars(events.order_by(Event.id)):
            if _moved(event):
                assert event.case_id is not None
                moved[event.case_id] = event
    return {
        key: [_card(case, marks.get(case.id), moved.get(case.id)) for case in column] for key, column in found.items()
    }


def _moved(event: Any) -> bool:
    return event.name != "case.rejected" or bool(event.facts.get("tier"))


def _card(case: Case, mark: Mark | None, event: Any) -> Card:
    if event is None:
        return Card(case, mark, None, "", "")
    reason = str(event.facts.get("reason") or event.facts.get("rule") or "")
    return Card(case, mark, event.recorded_at, reason, event.actor_name)
