"""Clocks as a fold over the events of a case, pure. The stored rows are a cache of it (DESIGN 4).

The result of `replay(clock_events, rules)` is authoritative. `apply` folds one more event; a property test shows that
folding events one by one equals the replay of all. A clock is a list of segments. Each segment is counted or paused,
with the reason and the person who caused it. Due times follow from segments, target and calendar alone. A change of the
rules therefore recomputes running clocks, keeps paused time, and does not change stopped clocks.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

from portal.cases.states import AFTER_CUSTOMER_REPLY, AFTER_STAFF_REPLY, ENDED, STEPS, State, Step
from portal.kernel.actor import Id
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.policy import ClockKind, Policy, Track

RESOLVED = State.RESOLVED.value
CLOSED = State.CLOSED.value
# The number of "no news yet" in a row that count as news.
NO_NEWS_LIMIT = 2


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """One event of a case: when it occurred (`at`), when it was recorded (`known`), and who did it."""

    name: str
    at: dt.datetime
    known: dt.datetime
    by: str = ""
    side: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class RuleSource(Protocol):
    """Finds policies and calendars by the version ids that events name."""

    def policy(self, version_id: Id) -> Policy: ...

    def calendar(self, version_id: Id) -> Calendar: ...


@dataclass(slots=True)
class Segment:
    """A period of a clock. `why` is '' while it counts, else the state that paused it, or APPROVAL. `end` None: it has
    not ended."""

    start: dt.datetime
    end: dt.datetime | None = None
    why: str = ""
    by: str = ""
    # The message (question) that began a wait, where there is one.
    message: str = ""

    @property
    def counts(self) -> bool:
        return not self.why


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of one clock: tracks to its target (the earliest applies) and to its aim, and the calendar that their
    working time is counted in (None where all of it is elapsed time)."""

    tracks: tuple[Track, ...]
    aim: tuple[Track, ...] = ()
    calendar: Id | None = None


@dataclass(slots=True)
class Clock:
    """One promise on one case. `number` counts the clocks of its kind (messages, updates, closing cycles)."""

    kind: ClockKind
    number: int
    started_at: dt.datetime
    terms: Terms
    segments: list[Segment]
    stopped_at: dt.datetime | None = None
    # '' while it runs; then met, missed, or void: the case ended in time without it.
    outcome: str = ""
    # Increases when the target or its calendar changes; escalation steps fire once for each version.
    target_version: int = 1
    due_at: dt.datetime | None = None
    aim_at: dt.datetime | None = None

    @property
    def state(self) -> str:
        if self.stopped_at is not None:
            return "stopped"
        return "running" if self.segments[-1].counts else "paused"


@dataclass(slots=True)
class FoldState:
    """The state of the fold after some events: the facts that later events depend on, and the latest clock of each
    kind."""

    opened_at: dt.datetime | None = None
    state: str = "new"
    severity: int = 0
    policy: Id | None = None
    calendar: Id | None = None
    # Whether support has responded: by a public message, or by a start of work that counts as one; how many "no news
    # yet" came in a row.
    answered: bool = False
    no_news: int = 0
    # The number of times the case was closed and opened again.
    cycle: int = 1
    # The case waits for a yes, and its rule lets promises rest meanwhile.
    approval: bool = False
    clocks: dict[ClockKind, Clock] = field(default_factory=dict)


def replay(clock_events: Iterable[ClockEvent], rules: RuleSource) -> tuple[FoldState, list[Clock]]:
    """Fold all events. Returns the state after the last one and every clock, in order of start."""
    fold_state, all_clocks = FoldState(), {}
    for clock_event in clock_events:
        for clock in apply(fold_state, clock_event, rules):
            all_clocks[clock.kind, clock.number] = clock
    return fold_state, sorted(all_clocks.values(), key=lambda c: (c.started_at, c.kind, c.number))


def apply(fold_state: FoldState, h: ClockEvent, rules: RuleSource) -> list[Clock]:
    """Fold one more event into *fold_state*, in place. Returns the clocks that it began or changed."""
    return _Fold(fold_state, h, rules).run()


# Events of `cases.states.STEPS` that change clocks only through the state after them.
STATE_EVENTS = frozenset(
    {
        *("case.taken", "case.routed", "case.woken", "case.accepted", "case.closed"),
        *("case.auto_closed", "case.moved", "case.merged"),
    }
)
# Events of STEPS that no clock depends on: internal notes, and the tier of a case.
IGNORED_EVENTS = frozenset({"case.noted", "case.escalated"})
# Events that clocks depend on and that no step records.
OTHER_EVENTS = frozenset(
    {
        *("case.submitted", "case.split_off", "case.assigned", "sla.policy_applied"),
        *("approval.asked", "approval.approved", "approval.refused", "approval.expired", "approval.withdrawn"),
    }
)
# Why a clock rests while a case waits for a yes, and which clocks do. A first reply is due as ever.
APPROVAL = "approval"
RESTING_FOR_APPROVAL = (ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
# Events after which a new case is open: support has seen it.
_OPENING_EVENTS = ("case.taken", "case.routed", "case.assigned", "case.answered")


def select_heard_events(steps: Iterable[Step]) -> frozenset[str]:
    """The names of the events that the fold reads: those of *steps* and OTHER_EVENTS, without IGNORED_EVENTS.

    Raises LookupError for a step whose event is in none of `_Fold.HANDLERS`, STATE_EVENTS and IGNORED_EVENTS: the
    author of a new verb decides here what it does to clocks.
    """
    events = {step.event for step in steps}
    unknown = sorted(events - set(_Fold.HANDLERS) - STATE_EVENTS - IGNORED_EVENTS)
    if unknown:
        raise LookupError(f"The clocks do not know what these events of STEPS do to them: {', '.join(unknown)}")
    return frozenset((events | OTHER_EVENTS) - IGNORED_EVENTS)


def map_following_states(steps: Iterable[Step]) -> dict[str, str]:
    """The state after each event of *steps* that has one; events of replies and edits have none.

    Raises LookupError if two steps record one event and lead to different states.
    """
    found: dict[str, str] = {}
    for step in steps:
        if step.to is not None and found.setdefault(step.event, step.to.value) != step.to.value:
            raise LookupError(f"{step.event} leads to {found[step.event]} and to {step.to.value}")
    return found


def _next_state(state: str, h: ClockEvent) -> str:
    """The state of a case after *h*. Where STEPS names no state, it depends on the state before and on the facts."""
    if h.name == "case.replied":
        # A reply to a resolved or closed case may also be stored without reopening it.
        unchanged = state in ENDED and not h.facts.get("reopened")
        return state if unchanged else "open" if state == CLOSED else AFTER_CUSTOMER_REPLY.get(State(state), state)
    if h.name == "case.split_off":
        answered = any(side == "support" for _at, side in h.facts["course"])
        return AFTER_STAFF_REPLY.get(State(state), state) if answered else state
    if h.name in _OPENING_EVENTS:
        needs = {"case.routed": "department", "case.assigned": "owner"}.get(h.name)
        return AFTER_STAFF_REPLY.get(State(state), state) if needs is None or _has_value(h, needs) else state
    return _FOLLOWING_STATES.get(h.name, state)


def _has_value(h: ClockEvent, what: str) -> bool:
    pair = h.facts.get(what)
    return isinstance(pair, list | tuple) and len(pair) == 2 and bool(pair[1])


class _Fold:
    """One step of the fold."""

    def __init__(self, fold_state: FoldState, h: ClockEvent, rules: RuleSource) -> None:
        self.s, self.h, self.rules = fold_state, h, rules
        self.at = min(h.at, h.known)
        if fold_state.opened_at is not None:
            self.at = max(self.at, fold_state.opened_at)
        self.touched: dict[tuple[ClockKind, int], Clock] = {}

    def run(self) -> list[Clock]:
        s, h = self.s, self.h
        before, s.state = s.state, _next_state(s.state, h)
        handler = self.HANDLERS.get(h.name)
        if handler is not None:
            handler(self, before)
        if s.state != before:
            self.change_state(before)
        for clock in self.touched.values():
            if clock.stopped_at is None:
                self.compute_due(clock)
        return list(self.touched.values())

    # -- what happens -------------------------------------------------------------------------------------------------

    def open_case(self, _before: str) -> None:
        """The case begins."""
        self.s.opened_at, self.s.severity = self.h.at, int(self.h.facts.get("severity") or 0)

    def apply_policy(self, _before: str) -> None:
        """Another version of the policy or of the calendar applies from now on."""
        self.change_rules(policy=_id(self.h.facts.get("policy")), calendar=_id(self.h.facts.get("calendar")))

    def change_severity(self, _before: str) -> None:
        """The promises of another severity apply from now on; an edit without a severity changes nothing."""
        pair = self.h.facts.get("severity")
        if isinstance(pair, list | tuple) and len(pair) == 2:
            self.change_rules(severity=int(pair[1]))

    def change_rules(self, **values: Any) -> None:
        """New rules apply from now on: running clocks are recomputed, and new promises begin now."""
        s = self.s
        for name, value in values.items():
            setattr(s, name, value)
        for clock in s.clocks.values():
            if clock.stopped_at is not None:
                continue
            terms = self.terms(clock.kind)
            if terms is None:
                self.stop(clock, void=True)
            elif terms != clock.terms:
                clock.terms, clock.target_version = terms, clock.target_version + 1
                self.mark_changed(clock)
            self.pause_or_run(clock)
        if s.state not in ENDED and s.opened_at is not None:
            if not s.answered:
                self.begin_once(ClockKind.FIRST_RESPONSE)
            else:
                self.begin_once(ClockKind.NEXT_UPDATE)
            self.begin_once(ClockKind.RESOLUTION)

    def hear_support(self, _before: str) -> None:
        """A public message of support stops first and next response, and counts as news."""
        self.s.answered = True
        for kind in (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE):
            self.stop_kind(kind)
        self.give_news(_before)

    def start_work(self, _before: str) -> None:
        """Where the policy says so, support that starts work has responded: first response stops, and the rhythm of
        updates starts."""
        s = self.s
        if s.answered or self.h.side != "staff" or s.policy is None or not self.rules.policy(s.policy).start_responds:
            return
        s.answered = True
        self.stop_kind(ClockKind.FIRST_RESPONSE)
        self.begin(ClockKind.NEXT_UPDATE)

    def give_news(self, _before: str) -> None:
        """The customer was informed: next update starts again. "No news yet" counts at most twice in a row."""
        s = self.s
        if s.state in ENDED:
            return
        if self.h.facts.get("no_news"):
            s.no_news += 1
            if s.no_news > NO_NEWS_LIMIT:
                return
        else:
            s.no_news = 0
        self.stop_kind(ClockKind.NEXT_UPDATE)
        if s.answered:
            self.begin(ClockKind.NEXT_UPDATE)

    def hear_customer(self, before: str) -> None:
        """A reply ends a wait at the moment it occurred. A message that needs an answer starts next response."""
        s, h = self.s, self.h
        if h.name == "case.replied":
            for clock in s.clocks.values():
                if clock.stopped_at is None or (clock.kind is ClockKind.RESOLUTION and before == RESOLVED):
                    self.end_wait(clock)
        if before in ENDED and s.state not in ENDED:
            self.restart(before)
        asks = h.side != "staff" and not h.facts.get("thanks")
        running = s.clocks.get(ClockKind.NEXT_RESPONSE)
        if asks and s.answered and s.state not in ENDED and (running is None or running.stopped_at is not None):
            self.begin(ClockKind.NEXT_RESPONSE)

    def follow_course(self, before: str) -> None:
        """The messages that a case was split off with: each counts from the moment that it was said."""
        said_at = self.at
        for at, side in self.h.facts["course"]:
            self.at = max(dt.datetime.fromisoformat(at), self.s.opened_at or said_at)
            if side == "support":
                self.hear_support(before)
            elif self.s.answered:
                self.begin(ClockKind.NEXT_RESPONSE)
        self.at = said_at

    def settle_split(self, _before: str) -> None:
        """A part of the case goes on in another one. No answer is owed here any more, where none of what is left waits
        for one."""
        running = self.s.clocks.get(ClockKind.NEXT_RESPONSE)
        if self.h.facts.get("settled") and running is not None:
            self.stop(running, void=True)

    def ask_for_approval(self, _before: str) -> None:
        """The case waits for a yes: promises rest, where the rule says so."""
        self._rest_for_approval(bool(self.h.facts.get("pauses")))

    def end_approval(self, _before: str) -> None:
        """The case does not wait for a yes any more."""
        self._rest_for_approval(False)

    def _rest_for_approval(self, rests: bool) -> None:
        self.s.approval = rests
        for clock in self.s.clocks.values():
            self.pause_or_run(clock)

    def restart(self, before: str) -> None:
        """A rejection or reopening: resolution resumes (it begins anew after a closed case), and updates are due."""
        s = self.s
        s.no_news = 0
        last = s.clocks.get(ClockKind.RESOLUTION)
        if before == CLOSED:
            s.cycle += 1
        if last is not None and before == RESOLVED and last.stopped_at is not None and last.outcome != "void":
            last.segments.append(Segment(last.stopped_at, why=RESOLVED))
            last.stopped_at, last.outcome = None, ""
            terms = self.terms(ClockKind.RESOLUTION)
            if terms is not None and terms != last.terms:
                last.terms, last.target_version = terms, last.target_version + 1
            self.pause_or_run(last)
            self.mark_changed(last)
        else:
            self.begin(ClockKind.RESOLUTION)
        if s.answered:
            self.begin(ClockKind.NEXT_UPDATE)
        else:
            self.begin(ClockKind.FIRST_RESPONSE)

    def change_state(self, before: str) -> None:
        s = self.s
        if s.state in ENDED:
            for clock in s.clocks.values():
                fulfilled = s.state == RESOLVED and clock.kind is ClockKind.RESOLUTION
                news = s.state == RESOLVED and clock.kind is ClockKind.NEXT_UPDATE
                self.stop(clock, void=not (fulfilled or news))
            return
        for clock in s.clocks.values():
            self.pause_or_run(clock)

    # -- clocks -------------------------------------------------------------------------------------------------------

    def terms(self, kind: ClockKind) -> Terms | None:
        """The rules for *kind* now; None without a promise."""
        s = self.s
        if s.policy is None or s.calendar is None:
            return None
        promise = self.rules.policy(s.policy).promise(s.severity)
        target, calendar = promise.target(kind), self.rules.calendar(s.calendar)
        if target is None:
            return None
        tracks = target.tracks(calendar)
        aim = promise.aim.tracks(calendar) if kind is ClockKind.RESOLUTION and promise.aim is not None else ()
        counted = any(not track.always for track in (*tracks, *aim))
        return Terms(tracks, aim, s.calendar if counted else None)

    def begin_once(self, kind: ClockKind) -> None:
        """Begin *kind* unless there is one already, running or not."""
        last = self.s.clocks.get(kind)
        if last is None or (last.stopped_at is not None and last.outcome == "void"):
            self.begin(kind)

    def begin(self, kind: ClockKind) -> None:
        """Begin a new clock of *kind* at this moment; none without a promise."""
        terms, last = self.terms(kind), self.s.clocks.get(kind)
        if terms is None:
            return
        number = last.number + 1 if last is not None else 1
        if last is not None and last.stopped_at is None:
            return
        clock = Clock(kind, number, self.at, terms, [Segment(self.at)])
        self.s.clocks[kind] = clock
        self.mark_changed(clock)
        self.pause_or_run(clock)

    def pause_or_run(self, clock: Clock) -> None:
        """Pause or continue *clock*, as the state and the policy require."""
        s, last = self.s, clock.segments[-1]
        if clock.stopped_at is not None or s.policy is None:
            return
        why = s.state if self.rules.policy(s.policy).pauses_in(clock.kind, s.state) else ""
        if not why and s.approval and clock.kind in RESTING_FOR_APPROVAL:
            why = APPROVAL
        if last.why == why:
            return
        at = max(self.at, last.start)
        message = str(self.h.facts.get("message") or "") if why == "waiting" else ""
        following = Segment(at, None, why, self.h.by, message)
        if last.start == at:
            clock.segments.pop()
        else:
            last.end = at
        if clock.segments and clock.segments[-1].why == why and clock.segments[-1].end == at:
            clock.segments[-1].end = None
        else:
            clock.segments.append(following)
        self.mark_changed(clock)

    def end_wait(self, clock: Clock) -> None:
        """Count the time since the answer occurred, because the wait ended then."""
        changed = False
        pieces: list[Segment] = []
        for one in clock.segments:
            if one.why == "waiting" and one.end is not None and one.end > self.at:
                until = max(one.start, self.at)
                pieces += [replace(one, end=until)] if until > one.start else []
                pieces.append(Segment(until, one.end, "", self.h.by))
                changed = True
            else:
                pieces.append(one)
        if changed:
            clock.segments = _join(pieces)
            self.mark_changed(clock)

    def stop_kind(self, kind: ClockKind) -> None:
        clock = self.s.clocks.get(kind)
        if clock is not None:
            self.stop(clock)

    def stop(self, clock: Clock, *, void: bool = False) -> None:
        """End *clock*: met, missed, or void if the case ended first and in time."""
        if clock.stopped_at is not None:
            return
        last = clock.segments[-1]
        at = max(self.at, last.start)
        self.compute_due(clock)
        late = clock.due_at is not None and at > clock.due_at
        if last.start == at and len(clock.segments) > 1:
            clock.segments.pop()
        else:
            last.end = at
        clock.stopped_at = at
        clock.outcome = "missed" if late else "void" if void else "met"
        self.mark_changed(clock)

    def compute_due(self, clock: Clock) -> None:
        """When *clock* is due by its present segments; None while it is paused with time left."""
        calendar = self.rules.calendar(clock.terms.calendar) if clock.terms.calendar is not None else None
        clock.due_at = due_time(clock.segments, clock.terms.tracks, calendar)
        clock.aim_at = due_time(clock.segments, clock.terms.aim, calendar)

    def mark_changed(self, clock: Clock) -> None:
        self.touched[clock.kind, clock.number] = clock

    # What each event does to the clocks; it gets the state that the case had before.
    HANDLERS: "ClassVar[Mapping[str, Callable[[_Fold, str], None]]]" = {
        "case.submitted": open_case,
        "case.split_off": follow_course,
        "case.split": settle_split,
        "sla.policy_applied": apply_policy,
        "case.severity_changed": change_severity,
        "case.edited": change_severity,
        "case.started": start_work,
        "case.answered": hear_support,
        "case.asked": hear_support,
        "case.resolved": hear_support,
        "case.held": give_news,
        "case.replied": hear_customer,
        "case.rejected": hear_customer,
        "case.reopened": hear_customer,
        "approval.asked": ask_for_approval,
        "approval.approved": end_approval,
        "approval.refused": end_approval,
        "approval.expired": end_approval,
        "approval.withdrawn": end_approval,
    }


# The states after events come from the table of verbs, not from a second table.
_FOLLOWING_STATES = {"case.submitted": State.NEW.value, **map_following_states(STEPS)}
# Events that no clock depends on are not even read.
HEARD = select_heard_events(STEPS)


# -- due times ---------------------------------------------------------------------------------------------------------


def due_time(
    segments: Iterable[Segment], tracks: Iterable[Track], calendar: Calendar | None, percent: int = 100
) -> dt.datetime | None:
    """When *percent* of the target is used up along *segments*: the earliest over *tracks*. None without a track, or
    while the clock is paused with time left."""
    segments = list(segments)
    found = [at for track in tracks if (at := _time_reached(segments, track, calendar, percent)) is not None]
    return min(found) if found else None


def _time_reached(segments: list[Segment], track: Track, calendar: Calendar | None, percent: int) -> dt.datetime | None:
    left = dt.timedelta(seconds=track.seconds * percent / 100)
    for one in segments:
        if not one.counts:
            continue
        if one.end is not None:
            used = counted_time(one, track, calendar, one.end)
            if used < left:
                left -= used
                continue
        if track.always or calendar is None:
            return one.start + left
        return calendar.add(one.start, left)
    return None


def counted_time(segment: Segment, track: Track, calendar: Calendar | None, now: dt.datetime) -> dt.timedelta:
    """The time that *track* counts of *segment*, until *now* at the latest."""
    end = min(segment.end, now) if segment.end is not None else now
    if not segment.counts or end <= segment.start:
        return dt.timedelta(0)
    return end - segment.start if track.always or calendar is None else calendar.between(segment.start, end)


def used_times(clock: Clock, calendar: Calendar | None, now: dt.datetime) -> list[dt.timedelta]:
    """The time used of each track of *clock* at *now*."""
    until = clock.stopped_at or now
    return [
        sum((counted_time(one, track, calendar, until) for one in clock.segments), dt.timedelta(0))
        for track in clock.terms.tracks
    ]


def used_share(clock: Clock, calendar: Calendar | None, now: dt.datetime) -> float:
    """The share of the target that is used up at *now*: 1.0 is due; the greatest over its tracks."""
    amounts = used_times(clock, calendar, now)
    return max(a.total_seconds() / t.seconds for a, t in zip(amounts, clock.terms.tracks, strict=True))


def _join(segments: list[Segment]) -> list[Segment]:
    """*segments* without empty ones, neighbors of one kind made one."""
    found: list[Segment] = []
    for one in segments:
        if one.end is not None and one.end <= one.start:
            continue
        if found and found[-1].why == one.why and found[-1].end == one.start:
            found[-1] = replace(found[-1], end=one.end)
        else:
            found.append(one)
    return found


def _id(value: Any) -> Id | None:
    return uuid.UUID(str(value)) if value else None
