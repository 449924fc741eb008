"""The clocks of cases as pages show them: the nearest one for lists, all of them for a case, the next news."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import distinct_on

from portal.authz.scopes import load, scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.sla import clocks, store
from portal.sla.books import Books
from portal.sla.calendar import Calendar, CalendarProblem
from portal.sla.house import house
from portal.sla.models import CaseStanding, SlaClock
from portal.sla.policy import Kind

Id = uuid.UUID
# Which clock stands for a case in a list when two are due at the same moment.
_ORDER = {"first_response": 0, "next_response": 1, "next_update": 2, "resolution": 3}
# ux 3.8: due soon from 25 % or 60 minutes left, urgent from 10 % or 30 minutes.
SOON, URGENT = (0.25, dt.timedelta(minutes=60)), (0.10, dt.timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class Mark:
    """One clock at one moment. `state`: on_track, due_soon, urgent, late, paused, met, missed, void.

    `left` is elapsed time to `due_at` (negative: late); `working` is counted time left on the clock that is due
    first. `why`: waiting, on_hold, or 'closed' while support is closed, with `opens_at`. `share` is used up, 1.0 due.
    """

    kind: str
    number: int
    state: str
    due_at: dt.datetime | None
    aim_at: dt.datetime | None
    started_at: dt.datetime
    stopped_at: dt.datetime | None
    left: dt.timedelta | None
    working: dt.timedelta | None
    share: float
    why: str = ""
    since: dt.datetime | None = None
    opens_at: dt.datetime | None = None
    always: bool = False
    clock_id: Id | None = None
    explained: bool = True


def mark_of(row: SlaClock, calendar: Calendar | None, now: dt.datetime) -> Mark:
    """What a clock shows at *now*; *calendar* is the one that its terms name (None: elapsed time)."""
    clock = store.clock_of(row)
    amounts = clocks.used(clock, calendar, now)
    left = [dt.timedelta(seconds=track.seconds) - used for track, used in zip(clock.terms.tracks, amounts, strict=True)]
    share = clocks.share(clock, calendar, now)
    nearest = min(range(len(left)), key=lambda i: left[i] / clock.terms.tracks[i].seconds)
    last = clock.segments[-1]
    why, opens = (last.why, None) if clock.stopped_at is None else ("", None)
    track = clock.terms.tracks[nearest]
    if not why and clock.stopped_at is None and not track.always and calendar is not None and not calendar.is_open(now):
        why, opens = "closed", _opening(calendar, now)
    elapsed = row.due_at - now if row.due_at is not None else None
    return Mark(
        row.kind,
        row.number,
        _state(clock, row.due_at, elapsed, share, why, now),
        row.due_at,
        row.aim_at,
        row.started_at,
        row.stopped_at,
        elapsed,
        left[nearest],
        share,
        why,
        last.start if why else None,
        opens,
        track.always,
        row.id,
        bool(row.breach_reason),
    )


def _state(
    clock: clocks.Clock,
    due_at: dt.datetime | None,
    left: dt.timedelta | None,
    share: float,
    why: str,
    now: dt.datetime,
) -> str:
    if clock.stopped_at is not None:
        return clock.outcome
    if due_at is not None and due_at <= now:
        return "late"
    if why or left is None:
        return "paused"
    if 1 - share <= URGENT[0] or left <= URGENT[1]:
        return "urgent"
    return "due_soon" if 1 - share <= SOON[0] or left <= SOON[1] else "on_track"


def _opening(calendar: Calendar, now: dt.datetime) -> dt.datetime | None:
    try:
        return calendar.next_opening(now)
    except CalendarProblem:
        return None


def marks_of(ctx: Context, rows: Sequence[SlaClock]) -> list[Mark]:
    """*rows* (of the actor's scope) as marks at `ctx.now`; at most one statement for the calendars they name."""
    wanted = {store.terms_of(row.terms).calendar for row in rows}
    with house(ctx) as inner:
        books = Books(inner)
        books.fetch((), wanted)
        calendars = {i: books.calendar(i) for i in wanted if i is not None}
    return [mark_of(row, _of(calendars, row), ctx.now) for row in rows]


def _of(calendars: dict[Id, Calendar], row: SlaClock) -> Calendar | None:
    wanted = store.terms_of(row.terms).calendar
    return calendars[wanted] if wanted is not None else None


def clocks_of(ctx: Context, case: Case) -> list[Mark]:
    """The latest clock of each kind of *case*, in the order of the four kinds."""
    statement = (
        scope(ctx.actor, SlaClock)
        .where(SlaClock.case_id == case.id)
        .ext(distinct_on(SlaClock.kind))
        .order_by(SlaClock.kind, SlaClock.number.desc())
        .execution_options(populate_existing=True)
    )
    return sorted(marks_of(ctx, ctx.session.scalars(statement).all()), key=lambda mark: _ORDER[mark.kind])


def clock(ctx: Context, clock_id: Id, *, lock: bool = False) -> SlaClock:
    """One clock of a visible case; NotFound otherwise."""
    return load(ctx, SlaClock, SlaClock.id == clock_id, lock=lock, fresh=True)


def nearest_marks(ctx: Context, cases: Iterable[Case]) -> dict[Id, Mark]:
    """For each of *cases* (of the actor's scope) the clock that a list shows: late and running ones by due time, then
    paused ones. Two statements for any number; cases without a promise are left out."""
    ids = [case.id for case in cases]
    if not ids:
        return {}
    rows = ctx.session.scalars(
        scope(ctx.actor, SlaClock)
        .where(SlaClock.case_id.in_(ids), SlaClock.state != "stopped")
        .execution_options(populate_existing=True)
    ).all()
    found: dict[Id, Mark] = {}
    for row, mark in zip(rows, marks_of(ctx, rows), strict=True):
        if row.case_id not in found or _rank(mark) < _rank(found[row.case_id]):
            found[row.case_id] = mark
    return found


def _rank(mark: Mark) -> tuple[bool, float, int]:
    due = mark.due_at.timestamp() if mark.due_at is not None else 0.0
    return (mark.due_at is None, due, _ORDER[mark.kind])


@dataclass(frozen=True, slots=True)
class News:
    """When the customer hears next: `by` and the promise it comes from; paused with the reason; or nothing at all."""

    by: dt.datetime | None = None
    kind: str = ""
    why: str = ""
    late: bool = False

    @property
    def promised(self) -> bool:
        return bool(self.kind)


def next_update_by(ctx: Context, case: Case) -> News:
    """The one promised time of the next news on *case* (N6): the first response until there was one, then the
    rhythm of its severity, else the answer that is owed; nothing where no promise was agreed or the case is over."""
    return news_of(clocks_of(ctx, case), ctx.now)


def news_of(marks: Sequence[Mark], now: dt.datetime) -> News:
    """`next_update_by` for marks that were read already."""
    running = {mark.kind: mark for mark in marks if mark.stopped_at is None}
    owed = [running[k] for k in (Kind.FIRST_RESPONSE, Kind.NEXT_UPDATE, Kind.NEXT_RESPONSE) if k in running]
    timed = [mark for mark in owed if mark.due_at is not None]
    if timed:
        first = min(timed, key=_rank)
        return News(first.due_at, first.kind, "", first.due_at is not None and first.due_at <= now)
    return News(None, owed[0].kind, owed[0].why) if owed else News()


def standing(ctx: Context, case: Case) -> CaseStanding | None:
    """Where *case* stands for queues: its draft of the next update, its broken promises; None without clocks."""
    return ctx.session.scalars(
        scope(ctx.actor, CaseStanding).where(CaseStanding.case_id == case.id).execution_options(populate_existing=True)
    ).one_or_none()


def no_news_left(ctx: Context, case: Case) -> int:
    """How many more "no news yet" in a row would count as an update."""
    row = standing(ctx, case)
    said = int(row.fold.get("no_news", 0)) if row is not None else 0
    return max(clocks.NO_NEWS_LIMIT - said, 0)
