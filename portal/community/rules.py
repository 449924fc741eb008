"""States of posts, limits of what one person writes, and when a topic waits for an answer: pure rules."""

import datetime as dt
import uuid
from collections.abc import Collection
from enum import StrEnum
from typing import Any


class PostState(StrEnum):
    """Customers read what is shown; what is held waits for approval, what is hidden was taken away. Both are read by
    their author and by staff."""

    HELD = "held"
    SHOWN = "shown"
    HIDDEN = "hidden"


class CaseState(StrEnum):
    """Whether a post becomes a private case of its author."""

    NONE = ""
    PROPOSED = "proposed"
    DECLINED = "declined"
    OPENED = "opened"


# What one person may write within an hour: topics, texts of all kinds, reports.
HOUR = dt.timedelta(hours=1)
MOST_TOPICS, MOST_POSTS, MOST_REPORTS = 5, 30, 10
# The same text again within this time is the same press of the button.
SAME_PRESS = dt.timedelta(minutes=10)
# The longest time after which a space may ask for an official answer, in hours.
LONGEST_DUE = 1_000
# How long a block may last, in days (0: until somebody ends it).
BLOCK_DAYS = (1, 7, 30, 0)


def admits(space: Any, named: Collection[uuid.UUID], memberships: Collection[uuid.UUID]) -> bool:
    """Whether *space*, which names these organizations, is for a customer of *memberships*; the same condition as
    `policies.visible_spaces`."""
    return space.active and bool(memberships) and (space.everybody or any(one in named for one in memberships))


def waits_for_answer(topic: Any) -> bool:
    """Whether *topic* is a shown, open question of a customer without an official or an accepted answer."""
    is_open = topic.state == PostState.SHOWN and topic.closed_at is None
    return is_open and topic.author_side == "contact" and topic.answered_at is None


def is_blocked(block: Any, now: dt.datetime) -> bool:
    """Whether *block* (None: there is none) holds at *now*."""
    return block is not None and (block.ends_at is None or block.ends_at > now)
