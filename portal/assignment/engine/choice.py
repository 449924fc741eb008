"""Who gets the next case: fair, never above the most of open cases, the same answer for the same facts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from portal.assignment.rules import Way
from portal.kernel.actor import Id

# Before every moment: who never got a case by turn comes first.
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class AssignmentCandidate:
    """Somebody who may own the case: how many cases they have whose turn is ours, and when a department gave them one
    last (UTC; None: never)."""

    staff_id: Id
    load: int
    served_at: dt.datetime | None = None


def choose(way: Way, candidates: Iterable[AssignmentCandidate], most_open: int | None) -> Id | None:
    """The staff id of who gets the next case; None where the way is by hand or everybody has *most_open* cases
    (None: no limit).

    By turn: whoever waited longest since their last one. So nobody with room is passed over twice for the same person,
    and who had no room is first as soon as they have. Fewest open: whoever has the smallest load, then by turn. What
    is left equal is decided by the id.
    """
    if way is Way.BY_HAND:
        return None
    free = [one for one in candidates if most_open is None or one.load < most_open]
    if not free:
        return None
    return min(free, key=_by_turn if way is Way.BY_TURN else _by_load).staff_id


def _by_turn(one: AssignmentCandidate) -> tuple[dt.datetime, int]:
    return one.served_at or _NEVER, one.staff_id.int


def _by_load(one: AssignmentCandidate) -> tuple[int, dt.datetime, int]:
    return one.load, *_by_turn(one)
