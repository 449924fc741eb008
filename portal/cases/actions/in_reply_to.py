"""Which message another one answers ("Reply to this"): a message of the same case that the writer may read."""

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.ids import parse_id


def check_answered(ctx: Context, case: Case, answered: str, *, in_note: bool) -> Message | None:
    """The message of *case* with the id *answered*, which a reply or a note is about to answer; None for none.

    What is no message that the actor may read is none. Raises Refused for a note that something else than a note would
    answer: the reply quotes it.
    """
    message_id = parse_id(answered)
    if message_id is None:
        return None
    rows = scope(ctx.actor, Message).where(Message.case_id == case.id, Message.id == message_id)
    message = ctx.session.scalars(rows).one_or_none()
    if message is not None and message.is_note and not in_note:
        raise Refused(
            _("You are replying to an internal note. Add an internal note, or take its words out of your reply first"),
            "body",
        )
    return message


def mark_answer(ctx: Context, case: Case, answered: Message | None) -> None:
    """Mark the message that the actor wrote on *case* just now, in this unit of work, as the answer to *answered*. What
    others wrote below it meanwhile, such as the note of a rule, is none.

    Records no event: that of the message is recorded by whoever added it.
    """
    if answered is None:
        return
    newest = newest_own_message(ctx, case)
    if newest is not None and newest.id != answered.id and (newest.is_note or not answered.is_note):
        newest.in_reply_to_id = answered.id
        ctx.session.flush()


def newest_own_message(ctx: Context, case: Case) -> Message | None:
    """The last message that the actor wrote on *case* in this unit of work; None for none."""
    rows = select(Message).where(
        Message.case_id == case.id, Message.author_id == ctx.actor.user_id, Message.recorded_at == ctx.now
    )
    return ctx.session.scalars(rows.order_by(Message.position.desc()).limit(1)).one_or_none()
