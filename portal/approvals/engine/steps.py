"""What a request for a yes comes to: steps, seats and answers in, the state out. Pure.

A step has seats, one for each approver. A seat is filled by its approver or by their deputy. The reporter and the
contact of the case never count, and nobody counts twice in one step.

* `one`: the first answer decides, yes or no.
* `all`: everybody who can answer must say yes; the first no refuses.
* `count`: so many yes are needed; it is refused as soon as they cannot be reached any more.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.kernel.actor import Id


class Mode(StrEnum):
    """How many of a step must say yes."""

    ONE = "one"
    ALL = "all"
    COUNT = "count"


class StepOutcome(StrEnum):
    """What the answers come to. STUCK: it is not decided, and too few are left who may answer."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Seat:
    """One approver of a step: who is asked, and who may answer in their place."""

    user_id: Id
    deputy_id: Id | None = None


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """The seats of one step, and how many of them must say yes (`needed` counts for Mode.COUNT only)."""

    mode: Mode
    seats: tuple[Seat, ...]
    needed: int = 1


@dataclass(frozen=True, slots=True)
class SeatAnswer:
    """Who said yes or no in which step, and for which seat."""

    step: int
    user_id: Id
    seat_id: Id
    approves: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What a request comes to: the outcome, the step that it has reached, and of this step who may answer now.

    *waiting* has the seats that nobody filled: seat → those who may fill it, the approver before the deputy.
    """

    outcome: StepOutcome
    step: int
    waiting: Mapping[Id, tuple[Id, ...]]

    def may_answer(self, user_id: Id | None) -> bool:
        """Whether *user_id* may fill a seat now."""
        return any(user_id in people for people in self.waiting.values())

    def seat_of(self, user_id: Id) -> Id | None:
        """The seat that an answer of *user_id* fills: their own before one that they are deputy of. None for somebody
        who may not answer."""
        if user_id in self.waiting.get(user_id, ()):
            return user_id
        return next((seat_id for seat_id, people in self.waiting.items() if user_id in people), None)

    def people(self) -> list[Id]:
        """Everybody who may answer now, each once."""
        return list(dict.fromkeys(one for people in self.waiting.values() for one in people))


def evaluate(
    steps: Sequence[ApprovalStep], answers: Iterable[SeatAnswer], requesters: frozenset[Id], able: frozenset[Id]
) -> Standing:
    """What *answers* come to. *requesters* never count. *able* are the people who can load the case now: nobody else
    can answer, but what was answered before somebody left still counts."""
    given = list(answers)
    for number, step in enumerate(steps):
        outcome, waiting = _evaluate_step(step, [one for one in given if one.step == number], requesters, able)
        if outcome is not StepOutcome.APPROVED:
            return Standing(outcome, number, waiting)
    return Standing(StepOutcome.APPROVED, max(len(steps) - 1, 0), {})


def _evaluate_step(
    step: ApprovalStep, answers: Sequence[SeatAnswer], requesters: frozenset[Id], able: frozenset[Id]
) -> tuple[StepOutcome, dict[Id, tuple[Id, ...]]]:
    counted = _count(step, answers, requesters)
    if step.mode is Mode.ONE and counted:
        return (StepOutcome.APPROVED if next(iter(counted.values())).approves else StepOutcome.REFUSED), {}
    spent = {one.user_id for one in counted.values()}
    waiting = {}
    for seat in step.seats:
        if seat.user_id in counted:
            continue
        people = tuple(
            one
            for one in dict.fromkeys((seat.user_id, seat.deputy_id))
            if one is not None and one in able and one not in requesters and one not in spent
        )
        # A requester has no seat: their deputy does not answer about what the requester wants.
        if people and seat.user_id not in requesters:
            waiting[seat.user_id] = people
    yes = sum(one.approves for one in counted.values())
    no = len(counted) - yes
    if step.mode is Mode.ALL:
        if no:
            return StepOutcome.REFUSED, {}
        if waiting:
            return StepOutcome.ASKED, waiting
        # Nobody is left to ask: it is approved if anybody said yes, and everybody who could not is out of reach.
        missing = [seat for seat in step.seats if seat.user_id not in counted and seat.user_id not in requesters]
        return (StepOutcome.STUCK if missing or not yes else StepOutcome.APPROVED), {}
    needed = step.needed if step.mode is Mode.COUNT else 1
    if yes >= needed:
        return StepOutcome.APPROVED, {}
    # So many people can still say yes; one person fills one seat.
    reachable = yes + _most_answers(waiting)
    if reachable >= needed:
        return StepOutcome.ASKED, waiting
    seats = sum(seat.user_id not in requesters for seat in step.seats)
    return (StepOutcome.REFUSED if no and seats - no < needed else StepOutcome.STUCK), waiting


def _count(step: ApprovalStep, answers: Sequence[SeatAnswer], requesters: frozenset[Id]) -> dict[Id, SeatAnswer]:
    """The answers that count, by seat, in the order in which they were given."""
    seats = {seat.user_id: seat for seat in step.seats}
    counted: dict[Id, SeatAnswer] = {}
    for one in answers:
        seat = seats.get(one.seat_id)
        if seat is None or one.seat_id in counted or one.user_id in requesters or seat.user_id in requesters:
            continue
        if one.user_id not in (seat.user_id, seat.deputy_id):
            continue
        if any(other.user_id == one.user_id for other in counted.values()):
            continue
        counted[one.seat_id] = one
    return counted


def _most_answers(waiting: Mapping[Id, tuple[Id, ...]]) -> int:
    """How many seats can be filled at most, each by somebody else (a matching of seats and people)."""
    taken: dict[Id, Id] = {}

    def place(seat_id: Id, tried: set[Id]) -> bool:
        for person in waiting[seat_id]:
            if person in tried:
                continue
            tried.add(person)
            if person not in taken or place(taken[person], tried):
                taken[person] = seat_id
                return True
        return False

    return sum(place(seat_id, set()) for seat_id in waiting)


# -- data -------------------------------------------------------------------------------------------------------------


def parse_steps(data: Iterable[Mapping[str, Any]]) -> list[ApprovalStep]:
    """The steps of a stored request."""
    return [
        ApprovalStep(
            Mode(one["mode"]),
            tuple(
                Seat(uuid.UUID(seat["id"]), uuid.UUID(seat["deputy"]) if seat.get("deputy") else None)
                for seat in one["seats"]
            ),
            int(one.get("needed") or 1),
        )
        for one in data
    ]
