"""When a chat can be started, who is next, and what happens by itself: pure rules."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

from portal.kernel.actor import Id

# An agent whose pages asked for nothing for so long is gone; a contact is present for one minute after a look.
AGENT_GONE = dt.timedelta(minutes=2)
PRESENT = dt.timedelta(minutes=1)
# A look is written down at most so often, so that it is cheap.
SEEN_EVERY = dt.timedelta(seconds=20)
# How long somebody is said to be typing after the last sign of it.
TYPING = dt.timedelta(seconds=8)
# An estimate needs so many chats that were accepted so recently.
FEWEST_WAITS, RECENT = 3, dt.timedelta(hours=1)
MOST_CHATS = 20


class Availability(StrEnum):
    """Whether a chat can be started now."""

    OFF = "off"
    CLOSED = "closed"
    BUSY = "busy"
    OPEN = "open"


class EndReason(StrEnum):
    """Who or what ended a chat."""

    CONTACT = "contact"
    AGENT = "agent"
    # The contact left a message in place of waiting.
    LEFT_MESSAGE = "left_message"
    SILENT = "silent"
    # The case was merged into another one, or moved.
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class FreeAgent:
    """An agent who takes chats and is there: how many more they take. *accounts* None: all."""

    free: int
    accounts: frozenset[Id] | None = None

    def serves(self, account_id: Id) -> bool:
        return self.accounts is None or account_id in self.accounts


def free_for(agents: Iterable[FreeAgent], waiting: Iterable[Id], accounts: Iterable[Id]) -> frozenset[Id]:
    """Those of *accounts* for which an agent stays free once the *waiting* chats (their accounts, the oldest first)
    have been taken. A chat is given to the agent with the fewest accounts, so that nobody is said to be busy who can
    be served."""
    takers = sorted(agents, key=_width)
    left = [agent.free for agent in takers]
    for account_id in waiting:
        place = next((n for n, agent in enumerate(takers) if left[n] > 0 and agent.serves(account_id)), None)
        if place is not None:
            left[place] -= 1
    still_free = [agent for n, agent in enumerate(takers) if left[n] > 0]
    return frozenset(one for one in accounts if any(agent.serves(one) for agent in still_free))


def _width(agent: FreeAgent) -> float:
    return float("inf") if agent.accounts is None else len(agent.accounts)


def estimate_wait(waits: Sequence[dt.timedelta]) -> int | None:
    """The usual wait in whole minutes, at least 1; None without enough measured ones."""
    if len(waits) < FEWEST_WAITS:
        return None
    return max(1, round(median(wait.total_seconds() for wait in waits) / 60))


def is_typing(typed_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether somebody who last typed at *typed_at* is said to be typing."""
    return typed_at is not None and now - typed_at < TYPING


def is_present(seen_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether somebody whose page last asked at *seen_at* looks at it."""
    return seen_at is not None and now - seen_at < PRESENT


def is_look_due(seen_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a look is written down: the last one that was is old enough."""
    return seen_at is None or now - seen_at >= SEEN_EVERY


def silence_ends(chat: Any, silent: dt.timedelta) -> dt.datetime:
    """When *chat* is ended because its contact is silent: they look at it no more, or support waits for their word."""
    ends = chat.contact_seen_at + silent
    if chat.waiting_since is None and not chat.contact_waits:
        signs = (chat.contact_spoke_at, chat.staff_spoke_at, chat.contact_typed_at)
        ends = min(ends, max(one for one in signs if one is not None) + silent)
    return ends


def agent_gone_at(chat: Any, seen_at: dt.datetime | None) -> dt.datetime | None:
    """When *chat* comes back to the queue unless its agent, last seen at *seen_at*, is seen again; None while it waits
    anyway, or for the contact."""
    if chat.waiting_since is not None or not chat.contact_waits:
        return None
    signs = (chat.accepted_at, chat.staff_seen_at, chat.staff_spoke_at, chat.staff_typed_at, seen_at)
    return max(one for one in signs if one is not None) + AGENT_GONE


def queue_stamp_id(provider_id: Id) -> Id:
    """The id under which changes of the queue of a provider are counted (`kernel.change_stamps`)."""
    return uuid.uuid5(provider_id, "chat queue")
