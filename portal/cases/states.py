"""The states of a case and the verbs between them, as data (DESIGN 3).

Actions, buttons and the generated docs use this table.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from portal.authz.permissions import Permission as P
from portal.kernel.errors import Conflict


class State(StrEnum):
    """The state of a case. Labels are data; the keys never change."""

    NEW = "new"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


EVERY = frozenset(State)
ENDED = frozenset({State.RESOLVED, State.CLOSED})
UNRESOLVED = EVERY - ENDED


def is_unresolved(state: str) -> bool:
    """Whether *state* is neither resolved nor closed."""
    return state not in ENDED


@dataclass(frozen=True, slots=True)
class Step:
    """One verb: its source states, target state (None: unchanged), permission, required facts and event.

    `side` says who acts: 'contact', 'staff', 'both' or 'system' (the clock). `asks` names the required facts.
    """

    verb: str
    sources: frozenset[State]
    to: State | None
    permission: P | None
    side: str
    event: str
    asks: tuple[str, ...] = ()


def _step(
    verb: str,
    sources: "frozenset[State] | set[State]",
    to: State | None,
    permission: P | None,
    side: str,
    event: str,
    *asks: str,
) -> Step:
    return Step(verb, frozenset(sources), to, permission, side, event, asks)


STEPS: tuple[Step, ...] = (
    _step("take", UNRESOLVED, None, P.CASE_TAKE, "staff", "case.taken"),
    _step("route", UNRESOLVED, None, P.CASE_TAKE, "staff", "case.routed", "department or owner"),
    _step("answer", EVERY, None, P.CASE_ANSWER, "staff", "case.answered", "text"),
    _step("note", EVERY, None, P.CASE_NOTE, "staff", "case.noted", "text"),
    _step(
        "start",
        {State.NEW, State.OPEN, State.WAITING, State.ON_HOLD},
        State.IN_PROGRESS,
        P.CASE_STATUS,
        "staff",
        "case.started",
    ),
    _step(
        "ask",
        {State.NEW, State.OPEN, State.IN_PROGRESS, State.ON_HOLD},
        State.WAITING,
        P.CASE_STATUS,
        "staff",
        "case.asked",
        "question",
    ),
    _step(
        "hold",
        {State.NEW, State.OPEN, State.IN_PROGRESS, State.WAITING},
        State.ON_HOLD,
        P.CASE_STATUS,
        "staff",
        "case.held",
        "reason",
        "look-again date",
    ),
    _step("wake", {State.ON_HOLD}, State.IN_PROGRESS, P.CASE_STATUS, "staff", "case.woken"),
    _step("reply", EVERY, None, P.CASE_REPLY, "contact", "case.replied", "text"),
    _step("resolve", UNRESOLVED, State.RESOLVED, P.CASE_STATUS, "staff", "case.resolved", "solution", "how to check"),
    _step("accept", {State.RESOLVED}, State.CLOSED, P.CASE_ACCEPT, "contact", "case.accepted"),
    _step("reject", {State.RESOLVED}, State.OPEN, P.CASE_ACCEPT, "contact", "case.rejected", "reason"),
    _step("reopen", ENDED, State.OPEN, P.CASE_REOPEN, "both", "case.reopened", "reason"),
    _step("close", UNRESOLVED, State.CLOSED, P.CASE_CLOSE, "both", "case.closed"),
    _step("auto-close", {State.RESOLVED}, State.CLOSED, None, "system", "case.auto_closed"),
    _step("edit", UNRESOLVED, None, P.CASE_EDIT, "staff", "case.edited", "what changes"),
    _step(
        "edit own words", UNRESOLVED, None, P.CASE_EDIT_OWN_WORDS, "contact", "case.edited", "subject", "description"
    ),
    _step(
        "redefine severity", UNRESOLVED, None, P.CASE_SEVERITY, "staff", "case.severity_changed", "severity", "reason"
    ),
    _step("escalate", UNRESOLVED, None, P.CASE_ESCALATE, "staff", "case.escalated", "tier", "hand-over note"),
    _step("move account", UNRESOLVED, State.CLOSED, P.CASE_MOVE, "staff", "case.moved", "account"),
    _step("split", EVERY, None, P.CASE_MERGE, "staff", "case.split", "messages", "subject"),
    _step("merge", EVERY, State.CLOSED, P.CASE_MERGE, "staff", "case.merged", "target"),
)
BY_VERB = {step.verb: step for step in STEPS}

# The state after a reply, by the state before it. States that are not listed do not change.
AFTER_STAFF_REPLY = {State.NEW: State.OPEN}
AFTER_CUSTOMER_REPLY = {State.WAITING: State.OPEN, State.ON_HOLD: State.OPEN, State.RESOLVED: State.OPEN}


def require_step(state: str, verb: str, *, label: str = "") -> Step:
    """The step of *verb*. Raises Conflict if it does not start from *state*; the message names the state as *label*."""
    found = BY_VERB[verb]
    if State(state) not in found.sources:
        raise Conflict(
            _(
                "This case is now “%(state)s”, so that is no longer possible.",
                state=label or default_label(state, "staff"),
            )
        )
    return found


def steps_from(state: str, side: str) -> list[Step]:
    """The steps that people of *side* could take in *state*, whatever their permissions."""
    return [s for s in STEPS if State(state) in s.sources and s.side in (side, "both")]


def default_label(state: str, side: str) -> str:
    """The built-in label of *state* on the portal ('contact') or the desk ('staff')."""
    match State(state):
        case State.NEW:
            return _("New")
        case State.OPEN:
            return _("Open")
        case State.IN_PROGRESS:
            return _("In progress")
        case State.WAITING:
            return _("Waiting for you") if side == "contact" else _("Waiting for customer")
        case State.ON_HOLD:
            return _("On hold")
        case State.RESOLVED:
            return _("Resolved")
        case State.CLOSED:
            return _("Closed")
