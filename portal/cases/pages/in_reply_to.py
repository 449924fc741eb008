"""The composer as "Reply to this" opens it: `?to=<message>` puts the beginning of the message into the box."""

import uuid
from typing import Any

from portal.cases.models import Case, Message
from portal.cases.queries.conversation import find_answered
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.kernel.picture_lines import read_picture_line
from portal.web.urls import id_parameter

QUOTED_LINES, QUOTED_LETTERS = 3, 200


def quote_into(context: Context, case: Case, form: Any) -> Message | None:
    """Let *form* answer the message that the address names: its beginning is put below what is written already.

    Returns the message; None where the address names none that the actor may read. A draft that answers it already
    stays as it is.
    """
    message = find_message(context, case, id_parameter("to"))
    if message is None or form.to.data == str(message.id):
        return message
    form.to.data = str(message.id)
    written = (form.body.data or "").rstrip()
    quote = f"{quote_of(message.body)}\n\n"
    form.body.data = f"{written}\n\n{quote}" if written else quote
    return message


def answered_message(context: Context, case: Case, form: Any) -> Message | None:
    """The message that *form* answers, as its page names it; None for none."""
    return find_message(context, case, parse_id(form.to.data))


def find_message(context: Context, case: Case, message_id: uuid.UUID | None) -> Message | None:
    """The message of *case* with *message_id* that the actor may read; None for none."""
    return find_answered(context, case, message_id) if message_id else None


def quote_of(body: str) -> str:
    """The first lines of *body* as a quote: without what it quotes itself, and without its pictures."""
    own = [line.strip() for line in body.splitlines()]
    own = [line for line in own if line and not line.startswith(">") and read_picture_line(line) is None]
    shown = [line if len(line) <= QUOTED_LETTERS else f"{line[:QUOTED_LETTERS]}…" for line in own[:QUOTED_LINES]]
    if len(own) > QUOTED_LINES:
        shown.append("…")
    return "\n".join(f"> {line}" for line in shown or ["…"])
