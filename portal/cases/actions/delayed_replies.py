"""Replies of support that wait for ten seconds, so that their writer can take them back before anything leaves.

A waiting reply is neither part of the case nor of any notification, search or export. It is checked when it is sent
by its writer, by doing all of it in a savepoint that is rolled back, and again when its time has come.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.cases.actions import reply_with_status
from portal.cases.actions.in_reply_to import check_answered, mark_answer
from portal.cases.actions.mentions import mark_public_mentions
from portal.cases.actions.reply_with_status import NextStatus, WriterSnapshot
from portal.cases.actions.timers import BUSY_PAUSE
from portal.cases.actions.transitions import find_earlier_message
from portal.cases.models import Case, CaseLocation, DelayedReply
from portal.cases.queries.delayed_replies import lock_delayed_reply
from portal.cases.queries.detail import by_id, by_id_unless_busy
from portal.drafts.actions import put_back_draft
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.actor import Side, system
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import PortalError
from portal.kernel.events import record
from portal.kernel.outbox import schedule
from portal.kernel.system_context import act_as
from portal.kernel.text import clean_text
from portal.tenants.queries.actors import build_actor

# Due work: a reply whose time has come.
DUE = "delayed_reply"
DELAY = dt.timedelta(seconds=10)
# The open page of its writer sends it (static/js/waiting.js), a worker where the page was left.
PAGE_IS_FIRST = dt.timedelta(seconds=2)
# A reply is not delayed where a promise of its case falls due before a worker has certainly sent it.
WORKER_IS_CERTAIN = dt.timedelta(seconds=60)
# A form of more letters is sent at once.
LONGEST_FORM = 200_000


@dataclass(frozen=True, slots=True)
class Reply:
    """A public reply with its next status: what `reply_with_status.send_reply` gets, and the id of the message that it
    answers ('' for none)."""

    body: str
    next_status: NextStatus
    staged: Sequence[uuid.UUID] = ()
    idempotency_key: str | None = None
    emailed: bool = True
    snapshot: WriterSnapshot | None = None
    take_over: bool = False
    anyway: SendAnyway | None = None
    answers: str = ""


def send(ctx: Context, case: Case, reply: Reply) -> None:
    """Send *reply* now. Raises as `reply_with_status.send_reply`."""
    answered = check_answered(ctx, case, reply.answers, in_note=False)
    reply_with_status.send_reply(
        ctx,
        case,
        body=reply.body,
        next_status=reply.next_status,
        staged=reply.staged,
        idempotency_key=reply.idempotency_key,
        emailed=reply.emailed,
        snapshot=reply.snapshot,
        take_over=reply.take_over,
        anyway=reply.anyway,
    )
    mark_answer(ctx, case, answered)
    mark_public_mentions(ctx, case)


def may_wait(ctx: Context, case: Case, reply: Reply, fields: Mapping[str, Sequence[str]]) -> bool:
    """Whether *reply* can wait: it is the same submit of a form again, no promise falls due meanwhile, and its form
    (*fields*) is not too long to be kept."""
    if reply.idempotency_key is None or sum(len(v) for values in fields.values() for v in values) > LONGEST_FORM:
        return False
    return case.due_at is None or not ctx.now <= case.due_at <= ctx.now + DELAY + WORKER_IS_CERTAIN


def delay(ctx: Context, case: Case, reply: Reply, path: str, fields: Mapping[str, Sequence[str]]) -> None:
    """Send *reply* DELAY from now, unless its writer takes it back. *path* and *fields* are its form, for that case.

    Raises everything that sending it now would raise. A second submit of the same form does nothing. Records no event:
    a reply that nobody received is its writer's own affair.
    """
    if find_earlier_message(ctx, case, reply.idempotency_key) is not None:
        return
    own = (DelayedReply.user_id == ctx.actor.user_id, DelayedReply.idempotency_key == reply.idempotency_key)
    if ctx.session.scalars(select(DelayedReply.id).where(*own)).one_or_none() is not None:
        return
    place = CaseLocation.of(case).columns()
    _try_to_send(ctx, case, reply)
    row = DelayedReply(
        id=ids.new_id(),
        **place,
        user_id=ctx.actor.user_id,
        body=clean_text(reply.body),
        arguments=arguments_of(reply),
        path=path,
        fields={clean_text(name): [clean_text(value) for value in values] for name, values in fields.items()},
        idempotency_key=reply.idempotency_key,
        sends_at=ctx.now + DELAY,
    )
    ctx.session.add(row)
    ctx.session.flush()
    schedule(ctx.session, ctx.provider_id, DUE, row.id, row.sends_at + PAGE_IS_FIRST)


class _Tried(Exception):
    pass


def _try_to_send(ctx: Context, case: Case, reply: Reply) -> None:
    try:
        with ctx.session.begin_nested():
            send(ctx, case, reply)
            raise _Tried
    except _Tried:
        ctx.session.refresh(case)


def send_or_put_back(ctx: Context, row: DelayedReply) -> str:
    """Send the reply of *row*, which the caller has locked, as the actor, its writer; '' if that was done.

    Where it is refused now, it is their draft again, and the sentence why is returned. *row* is deleted either way.
    """
    case_id, reply, path, fields = row.case_id, read_reply(row), row.path, row.fields
    _delete(ctx, row)
    try:
        with ctx.session.begin_nested():
            send(ctx, by_id(ctx, case_id, lock=True), reply)
    except PortalError as refusal:
        put_back_draft(ctx, path, fields)
        return refusal.message or _("This was not possible any more.")
    return ""


def take_back(ctx: Context, row: DelayedReply) -> None:
    """Do not send the reply of *row*, which the caller has locked; it is the actor's draft again."""
    path, fields = row.path, row.fields
    _delete(ctx, row)
    put_back_draft(ctx, path, fields)


def send_when_due(ctx: Context, reply_id: uuid.UUID) -> None:
    """Send a reply whose time has come, as its writer; *ctx* is the system's.

    Where that is refused now (somebody spoke meanwhile), it is their draft again, and `case.reply_not_sent` tells them
    (facts: staff, the id of the writer as staff). It is their draft, too, where they have left.
    """
    row = lock_delayed_reply(ctx, reply_id)
    if row is None:
        return
    case = by_id_unless_busy(ctx, row.case_id)
    if case is None:
        schedule(ctx.session, ctx.provider_id, DUE, reply_id, ctx.now + BUSY_PAUSE)
        return
    writer = ctx.session.get_one(User, row.user_id)
    actor = build_actor(ctx, writer, Side.STAFF)
    act_as(ctx, actor)
    ctx.person, ctx.channel = writer, "portal"
    refusal = ""
    if writer.ended_at is not None:
        take_back(ctx, row)
    else:
        refusal = send_or_put_back(ctx, row)
    act_as(ctx, system(ctx.provider_id))
    ctx.person, ctx.channel = None, "system"
    if refusal and actor.staff_id is not None:
        record(ctx, "case.reply_not_sent", case, case=case, staff=str(actor.staff_id))


def _delete(ctx: Context, row: DelayedReply) -> None:
    ctx.session.delete(row)
    ctx.session.flush()


def read_reply(row: DelayedReply) -> Reply:
    """The reply that waits in *row*."""
    kept: dict[str, Any] = row.arguments
    status, seen, anyway = kept["next_status"], kept["snapshot"], kept["anyway"]
    return Reply(
        body=row.body,
        next_status=NextStatus(
            status["status"],
            status["check"],
            status["reason"],
            dt.datetime.fromisoformat(status["until"]) if status["until"] else None,
            status["answers"],
        ),
        staged=[uuid.UUID(one) for one in kept["staged"]],
        idempotency_key=row.idempotency_key,
        emailed=kept["emailed"],
        snapshot=WriterSnapshot(seen["version"], seen["last"], seen["state"]),
        take_over=kept["take_over"],
        anyway=SendAnyway(anyway["reason"], frozenset(anyway["asked"])) if anyway else None,
        answers=kept["answers"],
    )


def arguments_of(reply: Reply) -> dict[str, Any]:
    """What of *reply* is kept as JSON beside its text and its key; `read_reply` reads it."""
    status, seen, anyway = reply.next_status, reply.snapshot or WriterSnapshot(), reply.anyway
    return {
        "next_status": {
            "status": status.status,
            "check": clean_text(status.check),
            "reason": clean_text(status.reason),
            "until": status.until.isoformat() if status.until else "",
            "answers": {clean_text(name): clean_text(value) for name, value in status.answers.items()},
        },
        "staged": [str(one) for one in reply.staged],
        "emailed": reply.emailed,
        "snapshot": {"version": seen.version, "last": seen.last, "state": clean_text(seen.state)},
        "take_over": reply.take_over,
        "anyway": {"reason": clean_text(anyway.reason), "asked": sorted(anyway.asked)} if anyway else None,
        "answers": clean_text(reply.answers),
    }
