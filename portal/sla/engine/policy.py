"""Policies, pure: targets per severity, which states pause which clock, and the written form of targets.

A target is "15 minutes always", "4 hours" (of the calendar), "1 business day", "2 weeks", or a pair: "1 hour or 4 hours
outside" means the earlier of one working hour and four elapsed hours.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.kernel.errors import RuleProblem
from portal.sla.engine.calendar import Calendar

RANKS = (1, 2, 3, 4)
# The states in which a policy may pause a clock.
PAUSABLE_STATES = ("waiting", "on_hold")


class ClockKind(StrEnum):
    """The four clocks."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    NEXT_UPDATE = "next_update"
    RESOLUTION = "resolution"


class PolicyFault(StrEnum):
    """Why a policy cannot be promised; `sla.refusals` has the sentences."""

    NO_TARGET = "no_target"
    UNKNOWN_SEVERITY = "unknown_severity"
    WRONG_THRESHOLD = "wrong_threshold"
    AIM_WITHOUT_TARGET = "aim_without_target"
    CLOCK_CANNOT_PAUSE = "clock_cannot_pause"
    STATE_CANNOT_PAUSE = "state_cannot_pause"
    UNKNOWN_NIGHT_ALARMS = "unknown_night_alarms"


class PolicyProblem(RuleProblem):
    """A policy that cannot be promised; *code* is a PolicyFault."""


@dataclass(frozen=True, slots=True)
class Track:
    """One way to count one target: *seconds* of the calendar's open time, or of all time."""

    seconds: int
    always: bool


@dataclass(frozen=True, slots=True)
class Target:
    """An amount of time. `unit` is minute, hour, day (a business day of the calendar) or week (seven elapsed days).

    `always`: counted around the clock. `outside`: (amount, unit) counted around the clock beside it; the earlier
    applies.
    """

    amount: int
    unit: str
    always: bool = False
    outside: tuple[int, str] | None = None

    @property
    def counts_at_night(self) -> bool:
        """Whether it is a promise of day and night. A week is a rhythm; another time outside support hours is a
        courtesy of hours in which nobody need be there."""
        return self.always and self.unit != "week"

    def tracks(self, calendar: Calendar) -> tuple[Track, ...]:
        """The tracks to count. Business days are converted to working time here, when the clock starts."""
        always = self.always or self.unit == "week" or calendar.always
        found = [Track(_seconds(self.amount, self.unit, None if self.always else calendar), always)]
        if self.outside is not None:
            found.append(Track(_seconds(*self.outside, None), True))
        return tuple(found)

    def due(self, calendar: Calendar, start: dt.datetime) -> dt.datetime:
        """When it is due without pauses."""
        return min(track_due(track, calendar, start) for track in self.tracks(calendar))

    def written(self) -> str:
        """The form that `parse_target` reads."""
        text = _amount_text(self.amount, self.unit)
        if self.always and self.unit != "week":
            text += " always"
        return text + (f" or {_amount_text(*self.outside)} outside" if self.outside else "")


def track_due(track: Track, calendar: Calendar, start: dt.datetime) -> dt.datetime:
    """When *track* is used up, counted from *start*."""
    span = dt.timedelta(seconds=track.seconds)
    return start + span if track.always else calendar.add(start, span)


_SECONDS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}


def _seconds(amount: int, unit: str, calendar: Calendar | None) -> int:
    """A day is the calendar's standard one, or 24 hours where time is counted around the clock."""
    if unit == "day" and calendar is not None:
        return amount * int(calendar.business_day.total_seconds())
    return amount * _SECONDS[unit]


def _amount_text(amount: int, unit: str) -> str:
    name = "business day" if unit == "day" else unit
    return f"{amount} {name}" + ("" if amount == 1 else "s")


_TARGET = re.compile(
    r"(?P<amount>\d{1,5}) ?(?P<unit>min(?:ute)?s?|h(?:our)?s?|(?:business |working )?days?|weeks?)"
    r"(?P<always>,? ?(?:always|24/7|24x7|24×7))?"
    r"(?:,? (?:in (?:business )?hours|business hours only))?"
    r"(?:,? ?(?:or )?(?P<amount2>\d{1,5}) ?(?P<unit2>min(?:ute)?s?|h(?:our)?s?|days?) outside"
    r"(?: (?:business )?hours)?)?"
)
_UNITS = {"m": "minute", "h": "hour", "w": "week"}


def parse_target(written: str) -> Target:
    """ "1 hour or 4 hours outside" as a Target. Raises PolicyProblem."""
    found = _TARGET.fullmatch(" ".join(written.lower().split()))
    if not found or int(found["amount"]) == 0:
        raise PolicyProblem(PolicyFault.NO_TARGET, written=written)
    outside = None
    if found["amount2"]:
        outside = (int(found["amount2"]), _unit(found["unit2"]))
    return Target(int(found["amount"]), _unit(found["unit"]), bool(found["always"]), outside)


def _unit(written: str) -> str:
    return "day" if "day" in written else _UNITS[written[0]]


class NightAlarms(StrEnum):
    """Which alarms about a severity are sent outside support hours: those of promises that count then, all, or none."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Promise:
    """The promises for one severity; None: not promised. `aim` is an intention, `resolution` a promise."""

    first_response: Target | None = None
    next_response: Target | None = None
    next_update: Target | None = None
    resolution: Target | None = None
    aim: Target | None = None
    night_alarms: NightAlarms = NightAlarms.AUTO

    def target(self, kind: ClockKind) -> Target | None:
        found: Target | None = getattr(self, kind.value)
        return found

    def rings_at_night(self, kind: ClockKind) -> bool:
        """Whether alarms about a clock of *kind* are sent outside support hours too."""
        if self.night_alarms is not NightAlarms.AUTO:
            return self.night_alarms is NightAlarms.ALWAYS
        target = self.target(kind)
        return target is not None and target.counts_at_night


NO_PROMISE = Promise()
_FIELDS = ("first_response", "next_response", "next_update", "resolution", "aim")
DEFAULT_PAUSES: Mapping[ClockKind, frozenset[str]] = {
    ClockKind.NEXT_UPDATE: frozenset({"waiting"}),
    ClockKind.RESOLUTION: frozenset({"waiting", "on_hold"}),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Promises by severity rank, the states that pause them, the shares of the time at which alarms are possible,
    whether support must give the reason of a broken promise before it closes a case, and whether the start of work
    keeps the first response, as a public message does."""

    promises: Mapping[int, Promise] = field(default_factory=dict)
    pauses: Mapping[ClockKind, frozenset[str]] = field(default_factory=lambda: dict(DEFAULT_PAUSES))
    thresholds: tuple[int, ...] = (50, 75, 90, 100)
    asks_why: bool = True
    start_responds: bool = False

    def promise(self, severity: int) -> Promise:
        """The promises for *severity*; none for one that the policy does not name."""
        return self.promises.get(severity, NO_PROMISE)

    def pauses_in(self, kind: ClockKind, state: str) -> bool:
        """Whether *kind* is paused while a case is in *state*. First and next response never do."""
        return state in self.pauses.get(kind, ())

    def data(self) -> dict[str, Any]:
        """The policy as JSON; `parse_policy` reads it."""
        return {
            "severities": {
                str(rank): {
                    **{name: t.written() for name in _FIELDS if (t := getattr(promise, name)) is not None},
                    "night_alarms": promise.night_alarms.value,
                }
                for rank, promise in sorted(self.promises.items())
            },
            "pauses": {kind.value: sorted(states) for kind, states in self.pauses.items()},
            "thresholds": list(self.thresholds),
            "asks_why": self.asks_why,
            "start_responds": self.start_responds,
        }


def parse_policy(data: Mapping[str, Any]) -> Policy:
    """The policy that *data* describes: {severities: {"1": {first_response: "15 minutes always", …}}, pauses, …}.

    `night_alarms` of a severity is a `NightAlarms`. Older versions say `around_the_clock` instead: true is `always`;
    false was also stored where nobody chose anything, so it is `auto`. Raises PolicyProblem with the
    field (`severities.1.first_response`).
    """
    promises = {}
    for rank, values in (data.get("severities") or {}).items():
        if str(rank) not in map(str, RANKS) or not isinstance(values, Mapping):
            raise PolicyProblem(PolicyFault.UNKNOWN_SEVERITY, "severities")
        promises[int(rank)] = _promise(values, f"severities.{rank}")
    thresholds = tuple(sorted({int(each) for each in data.get("thresholds", (50, 75, 90, 100))}))
    if any(not 1 <= each <= 500 for each in thresholds):
        raise PolicyProblem(PolicyFault.WRONG_THRESHOLD, "thresholds")
    return Policy(
        promises,
        _pauses(data.get("pauses")),
        thresholds,
        bool(data.get("asks_why", True)),
        bool(data.get("start_responds", False)),
    )


def _promise(values: Mapping[str, Any], where: str) -> Promise:
    targets = {}
    for name in _FIELDS:
        if values.get(name):
            try:
                targets[name] = parse_target(str(values[name]))
            except PolicyProblem as problem:
                raise PolicyProblem(PolicyFault(problem.code), f"{where}.{name}", written=problem.written) from None
    if "aim" in targets and "resolution" not in targets:
        raise PolicyProblem(PolicyFault.AIM_WITHOUT_TARGET, f"{where}.aim")
    return Promise(**targets, night_alarms=_night_alarms(values, where))


def _night_alarms(values: Mapping[str, Any], where: str) -> NightAlarms:
    older = NightAlarms.ALWAYS if values.get("around_the_clock") else NightAlarms.AUTO
    try:
        return NightAlarms(values.get("night_alarms", older))
    except ValueError:
        raise PolicyProblem(PolicyFault.UNKNOWN_NIGHT_ALARMS, f"{where}.night_alarms") from None


def _pauses(data: Any) -> Mapping[ClockKind, frozenset[str]]:
    if data is None:
        return dict(DEFAULT_PAUSES)
    pausable = {ClockKind.NEXT_UPDATE.value, ClockKind.RESOLUTION.value}
    if not isinstance(data, Mapping) or set(data) - pausable:
        raise PolicyProblem(PolicyFault.CLOCK_CANNOT_PAUSE, "pauses")
    found = {ClockKind(kind): frozenset(map(str, states)) for kind, states in data.items()}
    if any(states - set(PAUSABLE_STATES) for states in found.values()):
        raise PolicyProblem(PolicyFault.STATE_CANNOT_PAUSE, "pauses")
    return found
