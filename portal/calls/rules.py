"""States of call-backs, and what is said of a call: pure."""

import datetime as dt
from enum import StrEnum
from typing import Any


class CallBackState(StrEnum):
    """Open until somebody called, or the person cancelled it."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class CallResult(StrEnum):
    """How a call ended. Only a conversation ends a call-back."""

    TALKED = "talked"
    MESSAGE = "message"
    MISSED = "missed"


class Direction(StrEnum):
    """Who called whom."""

    IN = "in"
    OUT = "out"


# The call-backs that one person may have open at a time.
MOST_OPEN = 5


def is_overdue(row: Any, now: dt.datetime) -> bool:
    """Whether the slot of *row* has passed without a call."""
    return row.state == CallBackState.OPEN and row.due_at <= now


class CheckState(StrEnum):
    """What became of a call check; an open one expires by itself."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


# How long a check can be finished, and how often each side may type a wrong code.
CHECK_LASTS = dt.timedelta(minutes=10)
MOST_TRIES = 3


def is_running(check: Any, now: dt.datetime) -> bool:
    """Whether *check* can still be finished."""
    return check.state == CheckState.OPEN and now < check.expires_at


class LineState(StrEnum):
    """What a telephone system said last of a call. It never goes back."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


# How long pages show a call of which nothing more is heard: while it rings, while people talk, and after an answered
# one, so that it can be logged.
RINGS, TALKS, STAYS = dt.timedelta(minutes=3), dt.timedelta(hours=4), dt.timedelta(minutes=10)
# A number with fewer digits is an extension, or nothing that tells who calls.
SHORTEST_NUMBER = 6
MOST_SYSTEMS = 20


def has_telling_number(number: str) -> bool:
    """Whether *number* can tell who calls."""
    return sum(sign.isdigit() for sign in number) >= SHORTEST_NUMBER


def minutes_of(seconds: int) -> int:
    """The minutes of a conversation as a call is logged: begun ones count."""
    return -(-seconds // 60)
