"""The receipt of a case's promises (N3): each clock with its segments, the same numbers for client and staff."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.sla import clocks, store
from portal.sla.books import Books
from portal.sla.house import house
from portal.sla.models import CalendarVersion, Objection, PolicyVersion, SlaCalendar, SlaClock, SlaPolicy
from portal.sla.queries.clocks import Mark, mark_of

Id = uuid.UUID


@dataclass(frozen=True, slots=True)
class Line:
    """One segment: from, to (None: it goes on), how much of it counts, why it did not ('' counted; waiting, on_hold,
    resolved), and who caused it."""

    position: int
    start: dt.datetime
    end: dt.datetime | None
    counted: dt.timedelta
    elapsed: dt.timedelta
    why: str
    by: str
    message_id: str
    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """One clock: what it shows, what it was promised (counted tracks), how much it used, and its lines. The lines
    add up to `used`."""

    mark: Mark
    target: tuple[tuple[dt.timedelta, bool], ...]
    used: dt.timedelta
    calendar: str
    zone: str
    lines: list[Line]
    breach_reason: str = ""
    breach_note: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """From when which policy and calendar held for the case."""

    since: dt.datetime
    policy: str
    policy_version: int
    calendar: str
    calendar_version: int
    source: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that was promised on a case. Empty ledgers: no promise was agreed."""

    ledgers: list[Ledger]
    rules: list[Rules] = field(default_factory=list)


def receipt(ctx: Context, case: Case) -> Receipt:
    """The receipt of *case* (of the actor's scope), in the order in which clocks began. Recomputed from the segments
    at `ctx.now`; a handful of statements."""
    rows = ctx.session.scalars(
        scope(ctx.actor, SlaClock)
        .where(SlaClock.case_id == case.id)
        .order_by(SlaClock.started_at, SlaClock.kind, SlaClock.number)
        .execution_options(populate_existing=True)
    ).all()
    objected = objections(ctx, case)
    with house(ctx) as inner:
        books = Books(inner)
        wanted = {store.terms_of(row.terms).calendar for row in rows}
        books.fetch((), wanted)
        names = _calendar_names(inner, wanted)
        ledgers = [_ledger(books, row, names, objected, ctx.now) for row in rows]
        return Receipt(ledgers, _rules(inner, case))


def _ledger(
    books: Books, row: SlaClock, names: dict[Id, str], objected: Sequence[Objection], now: dt.datetime
) -> Ledger:
    clock = store.clock_of(row)
    calendar = books.calendar(clock.terms.calendar) if clock.terms.calendar else None
    # The receipt counts along the track that is due first: that is the promise which is kept or broken.
    amounts = clocks.used(clock, calendar, now)
    index = max(range(len(amounts)), key=lambda i: amounts[i].total_seconds() / clock.terms.tracks[i].seconds)
    track = clock.terms.tracks[index]
    until = clock.stopped_at or now
    lines = []
    for position, one in enumerate(clock.segments):
        end = one.end if one.end is not None else until
        lines.append(
            Line(
                position,
                one.start,
                one.end,
                clocks.counted(one, track, calendar, until),
                max(end - one.start, dt.timedelta(0)),
                one.why,
                one.by,
                one.message,
                tuple(o for o in objected if o.clock_id == row.id and o.segment_start == one.start),
            )
        )
    return Ledger(
        mark_of(row, calendar, now),
        tuple((dt.timedelta(seconds=t.seconds), t.always) for t in clock.terms.tracks),
        amounts[index],
        "" if track.always or clock.terms.calendar is None else names.get(clock.terms.calendar, ""),
        calendar.zone if calendar is not None else "",
        lines,
        row.breach_reason,
        row.breach_note,
    )


def _calendar_names(ctx: Context, versions: set[Id | None]) -> dict[Id, str]:
    wanted = [i for i in versions if i is not None]
    if not wanted:
        return {}
    rows = (
        scope(ctx.actor, CalendarVersion)
        .join(SlaCalendar, SlaCalendar.id == CalendarVersion.calendar_id)
        .where(CalendarVersion.id.in_(wanted))
        .with_only_columns(CalendarVersion.id, SlaCalendar.name)
    )
    return {row[0]: row[1] for row in ctx.session.execute(rows)}


def _rules(ctx: Context, case: Case) -> list[Rules]:
    """Which versions held from when, oldest first; at most the last fifty changes."""
    applied = ctx.session.scalars(
        scope(ctx.actor, Event)
        .where(Event.case_id == case.id, Event.name == "sla.policy_applied")
        .order_by(Event.id.desc())
        .limit(50)
    ).all()
    policies = {uuid.UUID(e.facts["policy"]) for e in applied if e.facts.get("policy")}
    calendars = {uuid.UUID(e.facts["calendar"]) for e in applied if e.facts.get("calendar")}
    named_policies = {
        str(row[0]): (row[1], row[2])
        for row in ctx.session.execute(
            scope(ctx.actor, PolicyVersion)
            .join(SlaPolicy, SlaPolicy.id == PolicyVersion.policy_id)
            .where(PolicyVersion.id.in_(policies))
            .with_only_columns(PolicyVersion.id, SlaPolicy.name, PolicyVersion.number)
        )
    }
    named_calendars = {
        str(row[0]): (row[1], row[2])
        for row in ctx.session.execute(
            scope(ctx.actor, CalendarVersion)
            .join(SlaCalendar, SlaCalendar.id == CalendarVersion.calendar_id)
            .where(CalendarVersion.id.in_(calendars))
            .with_only_columns(CalendarVersion.id, SlaCalendar.name, CalendarVersion.number)
        )
    }
    return [
        Rules(
            event.occurred_at,
            *named_policies.get(event.facts.get("policy") or "", ("", 0)),
            *named_calendars.get(event.facts.get("calendar") or "", ("", 0)),
            event.facts.get("source", ""),
        )
        for event in reversed(applied)
    ]


def objections(ctx: Context, case: Case) -> Sequence[Objection]:
    """Objections to how time was counted on *case*, oldest first."""
    rows = scope(ctx.actor, Objection).where(Objection.case_id == case.id).options(joinedload(Objection.by))
    return ctx.session.scalars(rows.order_by(Objection.id).limit(100)).all()


def objection(ctx: Context, objection_id: Id, *, lock: bool = False) -> Objection:
    """One objection on a visible case; NotFound otherwise."""
    return load(ctx, Objection, Objection.id == objection_id, lock=lock)


def open_objections(ctx: Context, limit: int = 50) -> Sequence[Objection]:
    """Objections that nobody answered yet, the oldest first, with their cases."""
    rows = scope(ctx.actor, Objection).where(Objection.verdict == "")
    rows = rows.options(joinedload(Objection.by), joinedload(Objection.case).joinedload(Case.account))
    return ctx.session.scalars(rows.order_by(Objection.made_at, Objection.id).limit(limit)).all()
