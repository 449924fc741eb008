"""The cached rows of the fold: reading the state of cases, writing changes, planning the next escalation step."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import Insert, distinct_on, insert

from portal.cases.models import CaseLocation
from portal.cases.states import ENDED
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.outbox import UPSERT_DUE_WORK, DueWork
from portal.sla.clock_rows import clock_from_row, clock_history, clock_id, clock_row, parse_optional_time
from portal.sla.engine import clocks
from portal.sla.engine.clocks import Clock, ClockEvent, FoldState
from portal.sla.engine.policy import ClockKind
from portal.sla.models import CaseSlaState, SlaClock
from portal.sla.rule_versions import RuleVersions

STEP = "sla_step"


@dataclass(slots=True)
class CaseClocks:
    """The cached data of one case: the state of its fold, and the fields of its clocks that only the rows have."""

    location: CaseLocation
    fold_state: FoldState
    missed: int = 0
    unexplained: int = 0
    # Of the latest clocks: (outcome, has a reason, highest threshold fired, target version) before this work.
    before: dict[tuple[ClockKind, int], tuple[str, bool, int, int]] = field(default_factory=dict)
    changed: dict[tuple[ClockKind, int], Clock] = field(default_factory=dict)

    def apply(self, clock_event: ClockEvent, rules: clocks.RuleSource) -> None:
        """Apply an event to the fold, and mark the clocks that must be written."""
        for clock in clocks.apply(self.fold_state, clock_event, rules):
            self.changed[clock.kind, clock.number] = clock


# -- reading ----------------------------------------------------------------------------------------------------------


def load_case_clocks(ctx: Context, case_ids: Sequence[Id]) -> dict[Id, CaseClocks]:
    """The cached folds of these cases, two statements for any number; cases without one are left out."""
    rows = ctx.session.scalars(
        select(CaseSlaState)
        .where(CaseSlaState.provider_id == ctx.provider_id, CaseSlaState.case_id.in_(case_ids))
        .execution_options(populate_existing=True)
    ).all()
    case_clocks = {row.case_id: _case_clocks_of(row) for row in rows}
    if not case_clocks:
        return {}
    latest = (
        select(SlaClock)
        .where(SlaClock.provider_id == ctx.provider_id, SlaClock.case_id.in_(list(case_clocks)))
        .ext(distinct_on(SlaClock.case_id, SlaClock.kind))
        .order_by(SlaClock.case_id, SlaClock.kind, SlaClock.number.desc())
        .execution_options(populate_existing=True)
    )
    for row in ctx.session.scalars(latest):
        one, clock = case_clocks[row.case_id], clock_from_row(row)
        one.fold_state.clocks[clock.kind] = clock
        one.before[clock.kind, clock.number] = (row.outcome, bool(row.breach_reason), row.reached, row.target_version)
    return case_clocks


def _case_clocks_of(row: CaseSlaState) -> CaseClocks:
    fold = row.fold
    fold_state = FoldState(
        parse_optional_time(fold.get("opened_at")),
        fold["state"],
        row.severity,
        row.policy_version_id,
        row.calendar_version_id,
        fold["answered"],
        fold["no_news"],
        fold["cycle"],
        fold.get("approval", False),
    )
    location = CaseLocation(row.provider_id, row.organization_id, row.account_id, row.case_id)
    return CaseClocks(location, fold_state, row.missed, row.unexplained)


def replay_cases(ctx: Context, locations: Sequence[CaseLocation]) -> dict[Id, CaseClocks]:
    """These cases, replayed from their events, with every clock marked as changed: a rebuilt cache."""
    clock_events = clock_history(ctx, [location.case_id for location in locations])
    rules = RuleVersions(ctx)
    result = {}
    for location in locations:
        one = CaseClocks(location, FoldState())
        for each in clock_events[location.case_id]:
            one.apply(each, rules)
        result[location.case_id] = one
    return result


# -- writing ----------------------------------------------------------------------------------------------------------


def save_case_clocks(ctx: Context, case_clocks: Sequence[CaseClocks], *, anew: bool = False) -> None:
    """Store what changed of these cases and plan their next steps: four statements for any number.

    *anew*: the cache is rebuilt, so rows may be missing; what people wrote on clocks (reasons) stays.
    """
    if not case_clocks:
        return
    _write_clocks(ctx, case_clocks)
    if anew:
        _recount(ctx, case_clocks)
    else:
        for one in case_clocks:
            _update_counts(one)
    _write_states(ctx, case_clocks)
    plan_steps(ctx, case_clocks)
    for one in case_clocks:
        one.changed.clear()


def _write_clocks(ctx: Context, case_clocks: Sequence[CaseClocks]) -> None:
    rows = [
        clock_row(one.location, clock, one.fold_state.severity) for one in case_clocks for clock in one.changed.values()
    ]
    if not rows:
        return
    _upsert(ctx, _clocks_upsert(tuple(rows[0])), rows)


@lru_cache(maxsize=4)
def _clocks_upsert(columns: Sequence[str]) -> Insert:
    statement = insert(table_of(SlaClock))
    new = statement.excluded
    fixed = ("id", "provider_id", "organization_id", "account_id", "case_id", "kind", "number", "reached")
    moved: dict[str, Any] = {
        name: new[name] for name in columns if name not in fixed and not name.startswith("breach_")
    }
    # A stopped clock keeps the severity it was counted under.
    moved["severity"] = sql_case((SlaClock.stopped_at.is_not(None), SlaClock.severity), else_=new.severity)
    moved["reached"] = sql_case((SlaClock.target_version == new.target_version, SlaClock.reached), else_=0)
    return statement.on_conflict_do_update(index_elements=[SlaClock.id], set_=moved)


def _update_counts(one: CaseClocks) -> None:
    """Update the counts of missed clocks, and of those without a reason."""
    for key, clock in one.changed.items():
        outcome, explained, *_rest = one.before.get(key, ("", False))
        delta = (clock.outcome == "missed") - (outcome == "missed")
        one.missed += delta
        one.unexplained += 0 if explained else delta


def _recount(ctx: Context, case_clocks: Sequence[CaseClocks]) -> None:
    explained = set(
        ctx.session.scalars(
            select(SlaClock.id).where(
                SlaClock.case_id.in_([one.location.case_id for one in case_clocks]), SlaClock.breach_reason != ""
            )
        )
    )
    for one in case_clocks:
        missed = [clock for clock in one.changed.values() if clock.outcome == "missed"]
        ids = {clock_id(one.location.case_id, clock.kind, clock.number) for clock in missed}
        one.missed, one.unexplained = len(ids), len(ids - explained)


def nearest_due(fold_state: FoldState) -> tuple[dt.datetime | None, str | None]:
    """The clock that is due first, or was, and when. A paused clock has a due time only if it is overdue."""
    due = [(c.due_at, c.kind.value) for c in fold_state.clocks.values() if c.stopped_at is None and c.due_at]
    return min(due) if due else (None, None)


def _write_states(ctx: Context, case_clocks: Sequence[CaseClocks]) -> None:
    rows = []
    for one in case_clocks:
        s = one.fold_state
        due_at, kind = nearest_due(s)
        rows.append(
            {
                "id": one.location.case_id,
                **one.location.columns(),
                "policy_version_id": s.policy,
                "calendar_version_id": s.calendar,
                "severity": s.severity,
                "active": s.state not in ENDED,
                "next_due_at": due_at,
                "next_kind": kind,
                "missed": one.missed,
                "unexplained": max(one.unexplained, 0),
                "fold": {
                    "opened_at": s.opened_at.isoformat() if s.opened_at else None,
                    "state": s.state,
                    "answered": s.answered,
                    "no_news": s.no_news,
                    "cycle": s.cycle,
                    "approval": s.approval,
                },
                "draft": "",
                "updated_at": ctx.now,
            }
        )
    _upsert(ctx, _states_upsert(tuple(rows[0])), rows)


@lru_cache(maxsize=4)
def _states_upsert(columns: Sequence[str]) -> Insert:
    statement = insert(table_of(CaseSlaState))
    fixed = ("id", "provider_id", "organization_id", "account_id", "case_id", "draft")
    moved = {name: statement.excluded[name] for name in columns if name not in fixed}
    return statement.on_conflict_do_update(index_elements=[CaseSlaState.id], set_=moved)


def _upsert(ctx: Context, statement: Insert, rows: Sequence[dict[str, Any]], size: int = 500) -> None:
    """Insert or update *rows*. One case uses a statement that is built once. Many cases use one statement with all of
    their values, which is built each time."""
    if len(rows) == 1:
        ctx.session.execute(statement, rows[0])
        return
    for start in range(0, len(rows), size):
        ctx.session.execute(statement.values(rows[start : start + size]))


# -- planning ---------------------------------------------------------------------------------------------------------


def plan_steps(ctx: Context, case_clocks: Sequence[CaseClocks]) -> None:
    """Schedule the next escalation step of each changed clock, and remove due work that is not needed any more."""
    rules = RuleVersions(ctx)
    wanted: dict[Id, dt.datetime] = {}
    unwanted: list[Id] = []
    for one in case_clocks:
        for key, clock in one.changed.items():
            _outcome, _explained, reached, version = one.before.get(key, ("", False, 0, clock.target_version))
            at = next_step(rules, one.fold_state, clock, reached if version == clock.target_version else 0)
            identity = clock_id(one.location.case_id, clock.kind, clock.number)
            if at is not None:
                wanted[identity] = at
            elif key in one.before:
                unwanted.append(identity)
    provider = ctx.provider_id
    due = {"provider_id": provider, "kind": STEP, "attempts": 0}
    rows = [{**due, "id": identity, "due_at": at} for identity, at in sorted(wanted.items())]
    if rows:
        _upsert(ctx, UPSERT_DUE_WORK, rows)
    if unwanted:
        keys = [(provider, STEP, i) for i in unwanted]
        gone = tuple_(DueWork.provider_id, DueWork.kind, DueWork.id).in_(keys)
        ctx.session.execute(delete(DueWork).where(gone).execution_options(synchronize_session=False))


def next_step(rules: RuleVersions, fold_state: FoldState, clock: Clock, reached: int) -> dt.datetime | None:
    """When the first threshold above *reached* is, or was, used up by the present state; None without a further step,
    while the clock is paused, or if it stopped before."""
    steps = rules.steps_for(fold_state.policy, clock.kind, fold_state.severity)
    percent = min((step.percent for step in steps if step.percent > reached), default=None)
    if percent is None:
        return None
    calendar = rules.calendar(clock.terms.calendar) if clock.terms.calendar else None
    at = clocks.due_time(clock.segments, clock.terms.tracks, calendar, percent)
    return None if at is not None and clock.stopped_at is not None and at > clock.stopped_at else at
