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
# What is asked about, and the event after which.
KINDS = ("case", "call", "chat")
# A person is not asked twice about the same case within this time: a call and the end of a case are often one thing.
ONCE_WITHIN = dt.timedelta(hours=24)
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
    after_calls: bool = False
    after_chats: bool = False

    @property
    def talks(self) -> frozenset[str]:
        """What people are asked about while a case stays open: 'call', 'chat'."""
        asked = (("call", self.after_calls), ("chat", self.after_chats))
        return frozenset(kind for kind, wanted in asked if wanted)


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """The facts when a case reaches the moment of asking, or a call or chat about it is over. The person is the case's
    contact, or who talked."""

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
    # When the person was asked last about this case, of the other kind: about the case itself, or a call or chat.
    case_asked_at: dt.datetime | None = None


def is_trigger(terms: SurveyTerms, event_name: str) -> bool:
    """Whether the provider asks at *event_name*."""
    return event_name in TRIGGERS[terms.trigger]


def draw_lot(case_id: uuid.UUID, cycle: int, per: str) -> int:
    """The sampling number of a case, 0 to 99: always the same for a case, or for a closing cycle of it."""
    what = f"{case_id}" if per == "case" else f"{case_id}:{cycle}"
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big") % 100


def reason_not_to_ask(terms: SurveyTerms, moment: InvitationFacts) -> str:
    """'' if the contact is asked, else the reason: 'answered', 'another', 'left', 'staff', 'unseen', 'unreachable',
    'just_asked', 'sampling' or 'quiet'."""
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
    if moment.case_asked_at is not None and moment.now < moment.case_asked_at + ONCE_WITHIN:
        return "just_asked"
    if moment.drawn >= terms.sampling:
        return "sampling"
    return "quiet" if is_quiet(terms, moment.now, moment.last_asked_at) else ""


def is_quiet(terms: SurveyTerms, now: dt.datetime, last_asked_at: dt.datetime | None) -> bool:
    """Whether the person was asked less than the provider's quiet days ago."""
    return last_asked_at is not None and now < last_asked_at + dt.timedelta(days=terms.quiet_days)
