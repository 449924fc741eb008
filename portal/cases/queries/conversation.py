"""The conversation of one case: messages, their files, and the events between them."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, or_
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal.attachments.models import Attachment
from portal.authz.scopes import load, scope
from portal.cases.models import Case, Message
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.events import Event
from portal.kernel.statement_cache import cached_select, fetch_rows

CONVERSATION_LIMIT = 100


def conversation(ctx: Context, case: Case, *, before: uuid.UUID | None = None) -> tuple[Sequence[Message], bool]:
    """The newest messages of *case* that the actor may read, oldest first, and whether older ones exist.

    At most CONVERSATION_LIMIT. *before* is the id of the first message that is shown already. Two statements. URLs
    carry ids instead of positions: gaps in positions would tell a customer the number of internal notes.
    """

    def newest() -> "Select[Any]":
        rows = scope(ctx.actor, Message).where(Message.case_id == bindparam("case_id", type_=Uuid()))
        if before is not None:
            rows = rows.where(Message.id < bindparam("before", type_=Uuid()))
        rows = rows.options(joinedload(Message.author))
        return rows.order_by(Message.position.desc()).limit(CONVERSATION_LIMIT + 1)

    statement = cached_select(ctx, ("cases.conversation", before is None), newest)
    rows = ctx.session.scalars(statement, {"case_id": case.id, **({"before": before} if before else {})}).all()
    messages = list(reversed(rows[:CONVERSATION_LIMIT]))
    _load_files(ctx, case, messages)
    return messages, len(rows) > CONVERSATION_LIMIT


def _load_files(ctx: Context, case: Case, messages: Sequence[Message]) -> None:
    """Put their files to *messages*, and those of the description aside for `opening_files`; one statement."""
    came_with: dict[uuid.UUID | None, list[Attachment]] = {message.id: [] for message in messages}

    def files() -> "Select[Any]":
        theirs = Attachment.message_id.in_(bindparam("message_ids", type_=Uuid(), expanding=True))
        here = Attachment.case_id == bindparam("case_id", type_=Uuid())
        rows = scope(ctx.actor, Attachment).where(here, or_(Attachment.message_id.is_(None), theirs))
        return rows.order_by(Attachment.id)

    values = {"case_id": case.id, "message_ids": list(came_with)}
    for file in ctx.session.scalars(cached_select(ctx, "cases.files", files), values):
        came_with.setdefault(file.message_id, []).append(file)
    for message in messages:
        set_committed_value(message, "files", came_with[message.id])
    ctx.notes[_opening_files_key(case)] = came_with.get(None, [])


def _opening_files_key(case: Case) -> str:
    return f"cases.opening_files:{case.id}"


def public_messages_after(ctx: Context, case: Case, since_position: int) -> Sequence[Message]:
    """Public messages with a position after *since_position*, at most 20."""
    return ctx.session.scalars(
        scope(ctx.actor, Message)
        .where(Message.case_id == case.id, Message.position > since_position, Message.kind != "note")
        .options(joinedload(Message.author), selectinload(Message.files))
        .order_by(Message.position)
        .limit(20)
    ).all()


def public_messages_since(ctx: Context, case: Case, since: uuid.UUID) -> Sequence[Message]:
    """Public messages that were recorded after the id *since*, at most 20. Ids are ordered by time."""
    return ctx.session.scalars(
        scope(ctx.actor, Message)
        .where(
            Message.case_id == case.id,
            Message.id > since,
            Message.kind != "note",
        )
        .order_by(Message.id)
        .limit(20)
    ).all()


def case_events(ctx: Context, case: Case, limit: int = 300) -> Sequence[Any]:
    """The newest events of *case* that the actor may see, oldest first, as rows of columns."""

    def newest() -> "Select[Any]":
        rows = scope(ctx.actor, Event).where(Event.case_id == bindparam("case_id", None, Uuid()))
        rows = rows.with_only_columns(*table_of(Event).columns)
        return rows.order_by(Event.id.desc()).limit(limit)

    return list(reversed(fetch_rows(ctx, ("cases.happenings", limit), newest, case_id=case.id)))


def opening_files(ctx: Context, case: Case) -> Sequence[Attachment]:
    """The files that came with the description; asked for after the conversation they cost no statement."""
    known: Sequence[Attachment] | None = ctx.notes.pop(_opening_files_key(case), None)
    if known is not None:
        return known
    return ctx.session.scalars(
        scope(ctx.actor, Attachment)
        .where(Attachment.case_id == case.id, Attachment.message_id.is_(None))
        .order_by(Attachment.id)
    ).all()


def attachment(ctx: Context, case: Case, attachment_id: uuid.UUID) -> Attachment:
    """One file of *case* in the actor's scope; raises NotFound otherwise."""
    return load(ctx, Attachment, Attachment.case_id == case.id, Attachment.id == attachment_id)
