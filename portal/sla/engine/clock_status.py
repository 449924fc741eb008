"""The status of a clock at one moment, pure: how urgent it is, how much time is left, whether it is paused. The browser
continues from the same data by the same rules (static/js/app.js, `levelOf`), from the server's clock.
"""

import datetime as dt
from dataclasses import dataclass, replace

from portal.sla.engine import clocks
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.clocks import Clock
from portal.sla.engine.policy import ClockKind, Track
from portal.sla.engine.results import PromiseResult, result_of

# A clock is due soon, or urgent, when this share of its time or this time is left, whichever comes first.
DUE_SOON = (0.25, dt.timedelta(minutes=60))
URGENT = (0.10, dt.timedelta(minutes=30))
ZERO = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class ClockStatus:
    """One clock at one moment.

    `state`: on_track, due_soon, urgent, late, paused (`why` says by what), closed (outside hours, `opens` says until
    when), met, missed, void. `left` is what remains of `whole`; of a late one, how late (negative, elapsed time); of a
    stopped one, the time used (met) or the time over the target (missed, negative). `working`: `left` is working time,
    counted until `until`.
    """

    kind: ClockKind
    state: str
    due: dt.datetime | None
    left: dt.timedelta
    whole: dt.timedelta
    working: bool = False
    until: dt.datetime | None = None
    opens: dt.datetime | None = None
    why: str = ""
    since: dt.datetime | None = None
    stopped: dt.datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether time is counted now, or will be when support opens."""
        return self.state in ("on_track", "due_soon", "urgent", "late", "closed")

    @property
    def chip_state(self) -> str:
        """The state of its chip: outside hours it looks like a paused one."""
        return "paused" if self.state == "closed" else self.state


def urgency_of(left: dt.timedelta, whole: dt.timedelta) -> str:
    """How urgent a running clock is with *left* of *whole*."""
    if left <= ZERO:
        return "late"
    for (share, span), name in ((URGENT, "urgent"), (DUE_SOON, "due_soon")):
        if left <= span or left <= whole * share:
            return name
    return "on_track"


def read_clock(clock: Clock, calendar: Calendar | None, now: dt.datetime) -> ClockStatus:
    """*clock* at *now*; *calendar* is the one that its terms name."""
    track = binding_track(clock, calendar)
    whole = dt.timedelta(seconds=track.seconds)
    working = not track.always and calendar is not None and not calendar.always
    left = whole - sum((clocks.counted_time(one, track, calendar, now) for one in clock.segments), ZERO)
    if clock.stopped_at is not None:
        if clock.outcome == "missed":
            return ClockStatus(
                clock.kind, "missed", clock.due_at, min(left, ZERO), whole, working, stopped=clock.stopped_at
            )
        state = clock.outcome or "met"
        return ClockStatus(clock.kind, state, clock.due_at, whole - left, whole, working, stopped=clock.stopped_at)
    last = clock.segments[-1]
    if result_of(clock.outcome, clock.due_at, now) is PromiseResult.BROKEN:
        assert clock.due_at is not None
        return ClockStatus(clock.kind, "late", clock.due_at, clock.due_at - now, whole, why=last.why, since=last.start)
    if not last.counts:
        return ClockStatus(clock.kind, "paused", None, left, whole, working, why=last.why, since=last.start)
    due = clock.due_at
    if not working or calendar is None:
        return ClockStatus(clock.kind, urgency_of(left, whole), due, left, whole)
    if not calendar.is_open(now):
        return ClockStatus(clock.kind, "closed", due, left, whole, True, opens=calendar.next_opening(now))
    until = calendar.next_closing(now)
    # The status after support closes; none if the clock is due before.
    opens = calendar.next_opening(until) if until is not None and due is not None and until < due else None
    return ClockStatus(clock.kind, urgency_of(left, whole), due, left, whole, True, until if opens else None, opens)


def binding_track(clock: Clock, calendar: Calendar | None) -> Track:
    """The track of *clock* that determines its due time: the earliest of several."""
    tracks = clock.terms.tracks
    if len(tracks) == 1:
        return tracks[0]
    # The due time of a clock that was stopped in time stays the same.
    stretches = [*clock.segments[:-1], replace(clock.segments[-1], end=None)]

    def comes(track: Track) -> tuple[bool, dt.datetime]:
        at = clocks.due_time(stretches, [track], calendar)
        return at is None, at or clock.started_at

    return min(tracks, key=comes)
