"""Conversion between rows and values of the engine: events, clocks and their ids."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal.cases.models import Case, CaseLocation
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.sla.engine import clocks
from portal.sla.engine.clocks import Clock, ClockEvent, Segment, Terms
from portal.sla.engine.policy import ClockKind, Track

# Clock ids are derived from case, kind and number, so a rebuilt cache has the same ids as the ledger of steps.
_CLOCK_ID_NAMESPACE = uuid.UUID("6d0a1f5e-3b62-4f0e-9a57-7d7f0c1f3b10")


def clock_id(case_id: Id, kind: str, number: int) -> Id:
    """The id of a clock; it never changes."""
    return uuid.uuid5(_CLOCK_ID_NAMESPACE, f"{case_id}:{kind}:{number}")


def clock_event(event: Event, severity: int = 0) -> ClockEvent:
    """An event row as the fold reads it; *severity* is the first severity of the case, for events that do not contain
    it."""
    facts = event.facts
    if event.name == "case.submitted" and "severity" not in facts:
        facts = {**facts, "severity": severity}
    return ClockEvent(event.name, event.occurred_at, event.recorded_at, event.actor_name, event.actor_side, facts)


def clock_history(ctx: Context, case_ids: Sequence[Id], *, before: Id | None = None) -> dict[Id, list[ClockEvent]]:
    """The events of these cases that the fold reads (before one event), in the order in which they were recorded."""
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
        case_id: [clock_event(row, _first_severity(found, severities.get(case_id, 0))) for row in found]
        for case_id, found in events.items()
    }


def _first_severity(events: Sequence[Event], now: int) -> int:
    """The severity at opening, for older events without it: the old value of the first change."""
    for row in events:
        if row.name == "case.severity_changed":
            return int(row.facts["severity"][0])
    return now


def tracks_data(tracks: Iterable[Track]) -> list[list[Any]]:
    return [[track.seconds, track.always] for track in tracks]


def parse_terms(data: Mapping[str, Any]) -> Terms:
    """The terms of a clock's row."""
    calendar = data.get("calendar")
    return Terms(
        tuple(Track(int(seconds), bool(always)) for seconds, always in data["tracks"]),
        tuple(Track(int(seconds), bool(always)) for seconds, always in data.get("aim") or ()),
        uuid.UUID(calendar) if calendar else None,
    )


def parse_segments(data: Iterable[Mapping[str, Any]]) -> list[Segment]:
    """The segments of a clock's row."""
    return [
        Segment(
            parse_time(one["start"]), parse_optional_time(one["end"]), one["why"], one["by"], one.get("message", "")
        )
        for one in data
    ]


def clock_from_row(row: Any) -> Clock:
    """The fold's value of a `SlaClock`, or of a row of its columns."""
    return Clock(
        ClockKind(row.kind),
        row.number,
        row.started_at,
        parse_terms(row.terms),
        parse_segments(row.segments),
        row.stopped_at,
        row.outcome,
        row.target_version,
        row.due_at,
        row.aim_at,
    )


def clock_row(location: CaseLocation, clock: Clock, severity: int) -> dict[str, Any]:
    """The columns for a value of the fold."""
    return {
        "id": clock_id(location.case_id, clock.kind, clock.number),
        **location.columns(),
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


def parse_time(written: str) -> dt.datetime:
    return dt.datetime.fromisoformat(written)


def parse_optional_time(written: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(written) if written else None
