"""The conversation of one case: messages, their files, and the events between them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, or_
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal.attachments.models import Attachment
from portal.authz.scopes import load, scope
from portal.cases.models import Case, Message
from portal.cases.rules import is_pinnable
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.events import Event
from portal.kernel.statement_cache import cached_select, fetch_rows

CONVERSATION_LIMIT = 100
# How many messages the page offers from which the workaround is chosen.
PINNABLE = 10


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages of a case, oldest first, whether older ones exist, and the files that came with the description."""

    messages: Sequence[Message]
    has_older: bool = False
    opening_files: Sequence[Attachment] = ()

    @property
    def solution(self) -> Message | None:
        """The newest solution, if it is among the messages."""
        return next((m for m in reversed(self.messages) if m.kind == "resolution"), None)

    @property
    def question(self) -> Message | None:
        """The newest question of support, if it is among the messages."""
        return next((m for m in reversed(self.messages) if m.asks), None)


def conversation(ctx: Context, case: Case, *, before: uuid.UUID | None = None) -> Conversation:
    """The newest messages of *case* that the actor may read.

    At most CONVERSATION_LIMIT. *before* is the id of the first message that is shown already. Two statements. URLs
    carry ids instead of positions: gaps in positions would reveal the number of internal notes to a customer.
    """
    statement = cached_select(ctx, _newest_messages, before is not None)
    rows = ctx.session.scalars(statement, {"case_id": case.id, **({"before": before} if before else {})}).all()
    messages = list(reversed(rows[:CONVERSATION_LIMIT]))
    opening_files = _load_files(ctx, case, messages)
    return Conversation(messages, len(rows) > CONVERSATION_LIMIT, opening_files)


def _newest_messages(actor: Actor, older: bool) -> "Select[Any]":
    """Messages of :case_id, the newest first; with *older* those before the message :before."""
    rows = scope(actor, Message).where(Message.case_id == bindparam("case_id", type_=Uuid()))
    if older:
        rows = rows.where(Message.id < bindparam("before", type_=Uuid()))
    rows = rows.options(joinedload(Message.author))
    return rows.order_by(Message.position.desc()).limit(CONVERSATION_LIMIT + 1)


def _load_files(ctx: Context, case: Case, messages: Sequence[Message]) -> Sequence[Attachment]:
    """Set the files of *messages*; returns those of the description. One statement."""
    came_with: dict[uuid.UUID | None, list[Attachment]] = {message.id: [] for message in messages}
    values = {"case_id": case.id, "message_ids": list(came_with)}
    for file in ctx.session.scalars(cached_select(ctx, _files), values):
        came_with.setdefault(file.message_id, []).append(file)
    for message in messages:
        set_committed_value(message, "files", came_with[message.id])
    return came_with.get(None, [])


def _files(actor: Actor) -> "Select[Any]":
    theirs = Attachment.message_id.in_(bindparam("message_ids", type_=Uuid(), expanding=True))
    here = Attachment.case_id == bindparam("case_id", type_=Uuid())
    rows = scope(actor, Attachment).where(here, or_(Attachment.message_id.is_(None), theirs))
    return rows.order_by(Attachment.id)


def opening_files(ctx: Context, case: Case) -> Sequence[Attachment]:
    """The files that came with the description of *case*, oldest first."""
    rows = scope(ctx.actor, Attachment).where(Attachment.case_id == case.id, Attachment.message_id.is_(None))
    return ctx.session.scalars(rows.order_by(Attachment.id)).all()


def public_messages_after(ctx: Context, case: Case, since_position: int) -> Sequence[Message]:
    """Public messages with a position after *since_position*, at most 20."""
    return ctx.session.scalars(
        scope(ctx.actor, Message)
        .where(Message.case_id == case.id, Message.position > since_position, Message.kind != "note")
        .options(joinedload(Message.author), selectinload(Message.files))
        .order_by(Message.position)
        .limit(20)
    ).all()


def find_message(ctx: Context, case: Case, message_id: uuid.UUID) -> Message:
    """One message of *case* that the actor may read; raises NotFound otherwise."""
    return load(ctx, Message, Message.case_id == case.id, Message.id == message_id)


def find_answered(ctx: Context, case: Case, message_id: uuid.UUID) -> Message | None:
    """The message of *case* that an answer names, with its author; None where the actor may not read it."""
    rows = scope(ctx.actor, Message).where(Message.case_id == case.id, Message.id == message_id)
    return ctx.session.scalars(rows.options(joinedload(Message.author))).one_or_none()


def pinned_workaround(ctx: Context, case: Case, shown: Sequence[Message] = ()) -> Message | None:
    """The message that is pinned as the workaround of *case*; None for none. *shown*: messages read already."""
    if case.workaround_position is None:
        return None
    known = next((message for message in shown if message.position == case.workaround_position), None)
    if known is not None:
        return known
    rows = scope(ctx.actor, Message).where(Message.case_id == case.id, Message.kind != "note")
    rows = rows.where(Message.position == case.workaround_position).options(joinedload(Message.author))
    return ctx.session.scalars(rows).one_or_none()


def pinnable_messages(ctx: Context, case: Case, also: uuid.UUID | None = None) -> Sequence[Message]:
    """The newest public messages of *case* that may be its workaround, at most PINNABLE; and *also*, if it may."""
    rows = scope(ctx.actor, Message).where(Message.case_id == case.id, Message.kind != "note")
    rows = rows.options(joinedload(Message.author)).order_by(Message.position.desc())
    named = or_(Message.id == also, Message.position == case.workaround_position)
    found = [*ctx.session.scalars(rows.limit(PINNABLE)), *ctx.session.scalars(rows.where(named))]
    return [message for message in dict.fromkeys(found) if is_pinnable(message)]


def last_question(ctx: Context, case: Case) -> Message | None:
    """The newest question of support to the customer."""
    asked = scope(ctx.actor, Message).where(Message.case_id == case.id, Message.asks)
    return ctx.session.scalars(asked.order_by(Message.position.desc()).limit(1)).one_or_none()


def quoted_text(ctx: Context, case: Case, message_id: uuid.UUID | None) -> str:
    """What was folded of the mail that became the message, or the description; '' if nothing was. Raises NotFound for a
    message that the actor may not read."""
    return (case if message_id is None else find_message(ctx, case, message_id)).quoted or ""


def case_events(ctx: Context, case: Case, limit: int = 300) -> Sequence[Any]:
    """The newest events of *case* that the actor may see, oldest first, as rows of columns."""
    return list(reversed(fetch_rows(ctx, _newest_events, limit, case_id=case.id)))


def _newest_events(actor: Actor, limit: int) -> "Select[Any]":
    rows = scope(actor, Event).where(Event.case_id == bindparam("case_id", None, Uuid()))
    rows = rows.with_only_columns(*table_of(Event).columns)
    return rows.order_by(Event.id.desc()).limit(limit)


def attachment(ctx: Context, case: Case, attachment_id: uuid.UUID) -> Attachment:
    """One file of *case* in the actor's scope; raises NotFound otherwise."""
    return load(ctx, Attachment, Attachment.case_id == case.id, Attachment.id == attachment_id)
