"""Replies that wait to be sent, as the case page of their writer shows them."""

import datetime as dt
import math
import uuid
from dataclasses import dataclass

from portal.cases.actions.delayed_replies import read_reply
from portal.cases.models import Case, DelayedReply
from portal.cases.queries.delayed_replies import waiting_replies
from portal.cases.states import State
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context


@dataclass(frozen=True, slots=True)
class WaitingReply:
    """A reply that nobody received yet. *seconds* until it is sent, *status* in words that it sets ('': none), and the
    number of its *files*."""

    id: uuid.UUID
    body: str
    sends_at: dt.datetime
    seconds: int
    status: str
    files: int


def describe_waiting(context: Context, case: Case) -> list[WaitingReply]:
    """The actor's own waiting replies to *case*."""
    return [describe_reply(context, row) for row in waiting_replies(context, case)]


def describe_reply(context: Context, row: DelayedReply) -> WaitingReply:
    """One waiting reply."""
    reply = read_reply(row)
    seconds = max(0, math.ceil((row.sends_at - context.now).total_seconds()))
    known = {state.value: state for state in State}
    sets = known.get(reply.next_status.status)
    status = vocabulary(context, "staff").word(sets) if sets else ""
    return WaitingReply(row.id, reply.body, row.sends_at, seconds, status, len(reply.staged))
