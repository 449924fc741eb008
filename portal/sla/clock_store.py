"""The fold and its cached rows: reading where cases stand, writing what changed, planning the next escalation step."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import Insert, distinct_on, insert

from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.events import Event
from portal.kernel.outbox import PUT_DUE, DueWork
from portal.sla.engine import clocks
from portal.sla.engine.clocks import Clock, Happening, Id, Segment, Standing, Terms
from portal.sla.engine.policy import Kind, Track
from portal.sla.models import CaseStanding, SlaClock
from portal.sla.rule_versions import Books

STEP = "sla_step"
# Clock ids follow from case, kind and number: a cache that is made anew finds the ledger of its steps again.
_SPACE = uuid.UUID("6d0a1f5e-3b62-4f0e-9a57-7d7f0c1f3b10")


def clock_id(case_id: Id, kind: str, number: int) -> Id:
    """The id of a clock, for ever."""
    return uuid.uuid5(_SPACE, f"{case_id}:{kind}:{number}")


@dataclass(frozen=True, slots=True)
class Place:
    """The tenant columns of a case."""

    provider_id: Id
    organization_id: Id
    account_id: Id
    case_id: Id

    @classmethod
    def of(cls, case: Case) -> "Place":
        return cls(case.provider_id, case.organization_id, case.account_id, case.id)

    def columns(self) -> dict[str, Id]:
        return {
            "provider_id": self.provider_id,
            "organization_id": self.organization_id,
            "account_id": self.account_id,
            "case_id": self.case_id,
        }


@dataclass(slots=True)
class Kept:
    """One case as it is cached: where its fold stands, and of its clocks what the rows know beside the fold."""

    place: Place
    standing: Standing
    missed: int = 0
    unexplained: int = 0
    # Of the latest clocks: (outcome, has a reason, highest threshold fired, target version) before this work.
    before: dict[tuple[Kind, int], tuple[str, bool, int, int]] = field(default_factory=dict)
    changed: dict[tuple[Kind, int], Clock] = field(default_factory=dict)

    def apply(self, happening: Happening, shelf: clocks.Shelf) -> None:
        """Let the fold follow, and remember which clocks have to be written."""
        for clock in clocks.apply(self.standing, happening, shelf):
            self.changed[clock.kind, clock.number] = clock


# -- happenings -------------------------------------------------------------------------------------------------------


def happening(event: Event, severity: int = 0) -> Happening:
    """An event row as the fold reads it; *severity* is what a case had from the start where its event does not say."""
    facts = event.facts
    if event.name == "case.submitted" and "severity" not in facts:
        facts = {**facts, "severity": severity}
    return Happening(event.name, event.occurred_at, event.recorded_at, event.actor_name, event.actor_side, facts)


def history(ctx: Context, case_ids: Sequence[Id], *, before: Id | None = None) -> dict[Id, list[Happening]]:
    """Everything that the fold hears of these cases (before one event), in the order in which the house learned of
    it."""
    statement = select(Event).where(
        Event.provider_id == ctx.provider_id, Event.case_id.in_(case_ids), Event.name.in_(clocks.HEARD)
    )
    if before is not None:
        statement = statement.where(Event.id < before)
    rows = ctx.session.scalars(statement.order_by(Event.case_id, Event.id))
    now = ctx.session.execute(select(Case.id, Case.severity).where(Case.id.in_(case_ids)))
    severities = {row[0]: row[1] for row in now}
    events: dict[Id, list[Event]] = {case_id: [] for case_id in case_ids}
    for row in rows:
        assert row.case_id is not None
        events[row.case_id].append(row)
    return {
        case_id: [happening(row, _first_severity(found, severities.get(case_id, 0))) for row in found]
        for case_id, found in events.items()
    }


def _first_severity(events: Sequence[Event], now: int) -> int:
    """What a case was opened with, for events from before that was recorded: what its first change came from."""
    for row in events:
        if row.name == "case.severity_changed":
            return int(row.facts["severity"][0])
    return now


# -- rows and values --------------------------------------------------------------------------------------------------


def tracks_data(tracks: Iterable[Track]) -> list[list[Any]]:
    return [[track.seconds, track.always] for track in tracks]


def terms_of(data: Mapping[str, Any]) -> Terms:
    """The terms that a clock's row keeps."""
    calendar = data.get("calendar")
    return Terms(
        tuple(Track(int(seconds), bool(always)) for seconds, always in data["tracks"]),
        tuple(Track(int(seconds), bool(always)) for seconds, always in data.get("aim") or ()),
        uuid.UUID(calendar) if calendar else None,
    )


def segments_of(data: Iterable[Mapping[str, Any]]) -> list[Segment]:
    """The segments that a clock's row keeps."""
    return [
        Segment(_time(one["start"]), _maybe(one["end"]), one["why"], one["by"], one.get("message", "")) for one in data
    ]


def clock_of(row: Any) -> Clock:
    """A `SlaClock`, or a row of its columns, as the fold's value."""
    return Clock(
        Kind(row.kind),
        row.number,
        row.started_at,
        terms_of(row.terms),
        segments_of(row.segments),
        row.stopped_at,
        row.outcome,
        row.target_version,
        row.due_at,
        row.aim_at,
    )


def clock_row(place: Place, clock: Clock, severity: int) -> dict[str, Any]:
    """The fold's value as columns."""
    return {
        "id": clock_id(place.case_id, clock.kind, clock.number),
        **place.columns(),
        "kind": clock.kind.value,
        "number": clock.number,
        "severity": severity,
        "state": clock.state,
        "started_at": clock.started_at,
        "stopped_at": clock.stopped_at,
        "due_at": clock.due_at,
        "aim_at": clock.aim_at,
        "outcome": clock.outcome,
        "target_version": clock.target_version,
        "terms": {
            "tracks": tracks_data(clock.terms.tracks),
            "aim": tracks_data(clock.terms.aim),
            "calendar": str(clock.terms.calendar) if clock.terms.calendar else None,
        },
        "segments": [
            {
                "start": one.start.isoformat(),
                "end": one.end.isoformat() if one.end else None,
                "why": one.why,
                "by": one.by,
                "message": one.message,
            }
            for one in clock.segments
        ],
        "reached": 0,
        "breach_reason": "",
        "breach_note": "",
    }


def _time(written: str) -> dt.datetime:
    return dt.datetime.fromisoformat(written)


def _maybe(written: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(written) if written else None


# -- reading ----------------------------------------------------------------------------------------------------------


def read(ctx: Context, case_ids: Sequence[Id]) -> dict[Id, Kept]:
    """The cached folds of these cases, two statements for any number; cases without one are left out."""
    rows = ctx.session.scalars(
        select(CaseStanding)
        .where(CaseStanding.provider_id == ctx.provider_id, CaseStanding.case_id.in_(case_ids))
        .execution_options(populate_existing=True)
    ).all()
    kept = {row.case_id: _kept(row) for row in rows}
    if not kept:
        return {}
    latest = (
        select(SlaClock)
        .where(SlaClock.provider_id == ctx.provider_id, SlaClock.case_id.in_(list(kept)))
        .ext(distinct_on(SlaClock.case_id, SlaClock.kind))
        .order_by(SlaClock.case_id, SlaClock.kind, SlaClock.number.desc())
        .execution_options(populate_existing=True)
    )
    for row in ctx.session.scalars(latest):
        one, clock = kept[row.case_id], clock_of(row)
        one.standing.clocks[clock.kind] = clock
        one.before[clock.kind, clock.number] = (row.outcome, bool(row.breach_reason), row.reached, row.target_version)
    return kept


def _kept(row: CaseStanding) -> Kept:
    fold = row.fold
    standing = Standing(
        _maybe(fold.get("opened_at")),
        fold["state"],
        row.severity,
        row.policy_version_id,
        row.calendar_version_id,
        fold["answered"],
        fold["no_news"],
        fold["cycle"],
    )
    place = Place(row.provider_id, row.organization_id, row.account_id, row.case_id)
    return Kept(place, standing, row.missed, row.unexplained)


def replayed(ctx: Context, places: Sequence[Place]) -> dict[Id, Kept]:
    """These cases folded from their events, every clock marked as changed: the cache made anew."""
    happenings = history(ctx, [place.case_id for place in places])
    books = Books(ctx)
    result = {}
    for place in places:
        one = Kept(place, Standing())
        for each in happenings[place.case_id]:
            one.apply(each, books)
        result[place.case_id] = one
    return result


# -- writing ----------------------------------------------------------------------------------------------------------


def write(ctx: Context, kept: Sequence[Kept], *, anew: bool = False) -> None:
    """Store what changed of these cases and plan their next steps: four statements for any number.

    *anew*: the rows may know nothing (a cache made anew); what people wrote on clocks (reasons) stays.
    """
    if not kept:
        return
    _write_clocks(ctx, kept)
    if anew:
        _count_again(ctx, kept)
    else:
        for one in kept:
            _count(one)
    _write_standings(ctx, kept)
    plan(ctx, kept)
    for one in kept:
        one.changed.clear()


def _write_clocks(ctx: Context, kept: Sequence[Kept]) -> None:
    rows = [clock_row(one.place, clock, one.standing.severity) for one in kept for clock in one.changed.values()]
    if not rows:
        return
    _put(ctx, _clocks_put(tuple(rows[0])), rows)


@lru_cache(maxsize=4)
def _clocks_put(columns: Sequence[str]) -> Insert:
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


def _count(one: Kept) -> None:
    """Missed clocks, and those nobody explained, by what changed."""
    for key, clock in one.changed.items():
        outcome, explained, *_rest = one.before.get(key, ("", False))
        delta = (clock.outcome == "missed") - (outcome == "missed")
        one.missed += delta
        one.unexplained += 0 if explained else delta


def _count_again(ctx: Context, kept: Sequence[Kept]) -> None:
    explained = set(
        ctx.session.scalars(
            select(SlaClock.id).where(
                SlaClock.case_id.in_([one.place.case_id for one in kept]), SlaClock.breach_reason != ""
            )
        )
    )
    for one in kept:
        missed = [clock for clock in one.changed.values() if clock.outcome == "missed"]
        ids = {clock_id(one.place.case_id, clock.kind, clock.number) for clock in missed}
        one.missed, one.unexplained = len(ids), len(ids - explained)


def nearest(standing: Standing) -> tuple[dt.datetime | None, str | None]:
    """The running clock that is due first, and when."""
    running = [(c.due_at, c.kind.value) for c in standing.clocks.values() if c.state == "running" and c.due_at]
    return min(running) if running else (None, None)


def _write_standings(ctx: Context, kept: Sequence[Kept]) -> None:
    rows = []
    for one in kept:
        s = one.standing
        due_at, kind = nearest(s)
        rows.append(
            {
                "id": one.place.case_id,
                **one.place.columns(),
                "policy_version_id": s.policy,
                "calendar_version_id": s.calendar,
                "severity": s.severity,
                "active": s.state not in clocks.ENDED,
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
                },
                "draft": "",
                "draft_at": None,
                "updated_at": ctx.now,
            }
        )
    _put(ctx, _standings_put(tuple(rows[0])), rows)


@lru_cache(maxsize=4)
def _standings_put(columns: Sequence[str]) -> Insert:
    statement = insert(table_of(CaseStanding))
    fixed = ("id", "provider_id", "organization_id", "account_id", "case_id", "draft", "draft_at")
    moved = {name: statement.excluded[name] for name in columns if name not in fixed}
    return statement.on_conflict_do_update(index_elements=[CaseStanding.id], set_=moved)


def _put(ctx: Context, statement: Insert, rows: Sequence[dict[str, Any]], size: int = 500) -> None:
    """Insert *rows* or change those that are there: one case's by a statement that is made once, many as one statement
    with all of their values, which has to be made anew."""
    if len(rows) == 1:
        ctx.session.execute(statement, rows[0])
        return
    for start in range(0, len(rows), size):
        ctx.session.execute(statement.values(rows[start : start + size]))


# -- planning ---------------------------------------------------------------------------------------------------------


def plan(ctx: Context, kept: Sequence[Kept]) -> None:
    """Let the worker look at each changed clock when its next escalation step falls due; forget what is not wanted."""
    books = Books(ctx)
    wanted: dict[Id, dt.datetime] = {}
    unwanted: list[Id] = []
    for one in kept:
        for key, clock in one.changed.items():
            _outcome, _explained, reached, version = one.before.get(key, ("", False, 0, clock.target_version))
            at = next_step(books, one.standing, clock, reached if version == clock.target_version else 0)
            identity = clock_id(one.place.case_id, clock.kind, clock.number)
            if at is not None:
                wanted[identity] = at
            elif key in one.before:
                unwanted.append(identity)
    provider = ctx.provider_id
    due = {"provider_id": provider, "kind": STEP, "attempts": 0}
    rows = [{**due, "id": identity, "due_at": at} for identity, at in sorted(wanted.items())]
    if rows:
        _put(ctx, PUT_DUE, rows)
    if unwanted:
        keys = [(provider, STEP, i) for i in unwanted]
        gone = tuple_(DueWork.provider_id, DueWork.kind, DueWork.id).in_(keys)
        ctx.session.execute(delete(DueWork).where(gone).execution_options(synchronize_session=False))


def next_step(books: Books, standing: Standing, clock: Clock, reached: int) -> dt.datetime | None:
    """When the first threshold above *reached* is, or was, used up as things stand; None if no step waits, if time
    stands still, or if the clock stopped before."""
    steps = books.steps_for(standing.policy, clock.kind, standing.severity)
    percent = min((step.percent for step in steps if step.percent > reached), default=None)
    if percent is None:
        return None
    calendar = books.calendar(clock.terms.calendar) if clock.terms.calendar else None
    at = clocks.moment(clock.segments, clock.terms.tracks, calendar, percent)
    return None if at is not None and clock.stopped_at is not None and at > clock.stopped_at else at
