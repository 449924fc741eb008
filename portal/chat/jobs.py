"""Jobs of chats: thin functions around `actions`."""

from portal.chat.actions import chats
from portal.chat.queries.chats import lock_chat
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound


def watch_chat(ctx: Context, chat_id: Id) -> None:
    """Due work: end a silent chat, or find another agent for one whose agent is gone."""
    try:
        chat, case = lock_chat(ctx, chat_id)
    except NotFound:
        return
    chats.watch_chat(ctx, chat, case)
