"""Who is invited to a survey: decided from facts alone, so that the decision can be explained afterwards."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

# The moment of asking → its events.
TRIGGERS: Mapping[str, frozenset[str]] = {
    "accepted": frozenset({"case.accepted"}),
    "closed": frozenset({"case.accepted", "case.closed", "case.auto_closed"}),
    "resolved": frozenset({"case.resolved"}),
    "never": frozenset(),
}
PER = ("case", "cycle")
LOW_TO = ("leads", "admins", "owner")


@dataclass(frozen=True, slots=True)
class SurveyTerms:
    """A provider's survey rules; the defaults apply without own ones. `sampling` is per cent."""

    trigger: str = "closed"
    per: str = "case"
    sampling: int = 100
    quiet_days: int = 0
    follow_up_days: int = 2
    low_to: tuple[str, ...] = ("leads",)


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """The facts when a case reaches the moment of asking. The person is always the case's contact."""

    # The person answered about this case before (once a case), or about this closing cycle.
    answered: bool
    # Somebody else was asked about it before the contact changed.
    asked_another: bool
    left: bool
    works_here: bool
    sees_the_case: bool
    reachable: bool
    # 0 to 99, from `draw_lot`.
    drawn: int
    now: dt.datetime
    last_asked_at: dt.datetime | None


def is_trigger(terms: SurveyTerms, event_name: str) -> bool:
    """Whether the provider asks at *event_name*."""
    return event_name in TRIGGERS[terms.trigger]


def draw_lot(case_id: uuid.UUID, cycle: int, per: str) -> int:
    """The sampling number of a case, 0 to 99: always the same for a case, or for a closing cycle of it."""
    what = f"{case_id}" if per == "case" else f"{case_id}:{cycle}"
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big") % 100


def reason_not_to_ask(terms: SurveyTerms, moment: InvitationFacts) -> str:
    """'' if the contact is asked, else the reason: 'answered', 'another', 'left', 'staff', 'unseen', 'unreachable',
    'sampling' or 'quiet'."""
    if moment.answered:
        return "answered"
    if moment.asked_another:
        return "another"
    if moment.left:
        return "left"
    if moment.works_here:
        return "staff"
    if not moment.sees_the_case:
        return "unseen"
    if not moment.reachable:
        return "unreachable"
    if moment.drawn >= terms.sampling:
        return "sampling"
    return "quiet" if is_quiet(terms, moment.now, moment.last_asked_at) else ""


def is_quiet(terms: SurveyTerms, now: dt.datetime, last_asked_at: dt.datetime | None) -> bool:
    """Whether the person was asked less than the provider's quiet days ago."""
    return last_asked_at is not None and now < last_asked_at + dt.timedelta(days=terms.quiet_days)
