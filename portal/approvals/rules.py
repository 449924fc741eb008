"""States of requests for a yes, and bounds: pure."""

import datetime as dt
from enum import StrEnum


class ApprovalState(StrEnum):
    """What became of a request. Only `asked` waits."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ApprovalEnd(StrEnum):
    """Why a request was withdrawn: by a person, or because what it asked about is another thing now."""

    PERSON = "person"
    CHANGED = "changed"
    NOT_NEEDED = "not_needed"
    ENDED = "ended"


# Roles of contacts that a step may name; `everybody` is whoever has access to the account, `manager` is the manager of
# whom the case is for, in the reporting line of the organization.
EVERYBODY, MANAGER = "everybody", "manager"
APPROVER_ROLES = (MANAGER, "organization_admin", "coordinator", "member", EVERYBODY)
# The most steps of a rule, seats of a step, and rules of a provider.
MOST_STEPS, MOST_SEATS, MOST_RULES = 3, 30, 100
REASON_LIMIT = 1000
# An amount is less than this.
MOST_AMOUNT = 10**13
# How often people are reminded at most, so that a forgotten request does not write for ever.
MOST_REMINDERS = 5


def next_wake(
    due_at: dt.datetime | None, last_told_at: dt.datetime, remind_hours: int, reminders: int
) -> dt.datetime | None:
    """When the worker looks at an open request again: the next reminder, or its end; None for neither."""
    reminder = None
    if remind_hours and reminders < MOST_REMINDERS:
        reminder = last_told_at + dt.timedelta(hours=remind_hours)
    return min((one for one in (due_at, reminder) if one is not None), default=None)


# Of each event there is one that customers may see, and one of requests to colleagues of the desk.
VERBS = (
    *("asked", "continued", "answered", "approved", "refused", "expired", "withdrawn", "reminded", "stuck"),
    "approver_added",
)
INSIDE = "_inside"


def event_name(verb: str, *, internal: bool) -> str:
    """The name of the event of *verb*."""
    return f"approval.{verb}{INSIDE if internal else ''}"


EVENTS = (*(event_name(verb, internal=False) for verb in VERBS), *(event_name(verb, internal=True) for verb in VERBS))
