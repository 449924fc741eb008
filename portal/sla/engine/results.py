"""The result of a promise, pure: the one definition of kept and broken. `queries.results` has the same definition in
SQL.

A promise is broken when its target passed before it was kept, whether its clock has stopped since or still runs. It is
kept when its clock stopped in time. In a period it counts if it came to its end within the period, or if it is overdue
at the end of the period: a promise that stays broken is in every report until it is fulfilled.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class PromiseResult(StrEnum):
    """The result of a promise at one moment."""

    KEPT = "kept"
    BROKEN = "broken"
    # It runs or is paused, and its target has not passed.
    OPEN = "open"
    # The case ended in time without it: it counts as neither.
    UNNEEDED = "unneeded"


_OUTCOMES = {"met": PromiseResult.KEPT, "missed": PromiseResult.BROKEN, "void": PromiseResult.UNNEEDED}


def result_of(outcome: str, due_at: dt.datetime | None, now: dt.datetime) -> PromiseResult:
    """The result at *now* of a clock with that *outcome* ('' while it has not stopped) and due time."""
    if outcome:
        return _OUTCOMES[outcome]
    return PromiseResult.BROKEN if due_at is not None and due_at <= now else PromiseResult.OPEN


def result_in_period(
    outcome: str,
    due_at: dt.datetime | None,
    stopped_at: dt.datetime | None,
    since: dt.datetime,
    until: dt.datetime,
) -> PromiseResult | None:
    """What a clock counts as in the period from *since* until *until*: kept, broken, or None if it does not count."""
    if stopped_at is not None and stopped_at <= until:
        result = result_of(outcome, due_at, until) if since <= stopped_at else None
    else:
        result = result_of("", due_at, until)
    return result if result in (PromiseResult.KEPT, PromiseResult.BROKEN) else None


@dataclass(frozen=True, slots=True)
class PromiseCount:
    """How many promises were kept, and how many broken."""

    kept: int = 0
    broken: int = 0

    @property
    def total(self) -> int:
        return self.kept + self.broken

    @property
    def percent(self) -> int:
        """The kept ones in percent, rounded down: 100 only if none was broken. Not defined for a total of 0."""
        return 100 * self.kept // self.total

    def __add__(self, other: "PromiseCount") -> "PromiseCount":
        return PromiseCount(self.kept + other.kept, self.broken + other.broken)
