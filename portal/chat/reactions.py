"""What chats do when something happens in their cases."""

from sqlalchemy import update

from portal.cases.queries import detail
from portal.chat.actions.announcing import announce_chat
from portal.chat.actions.chats import end_moved
from portal.chat.models import Chat
from portal.chat.queries.chats import live_chat_of
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system


def follow_line(ctx: Context, event: Event) -> None:
    """React to a public message by any way: remember who spoke last in the chat of its case, and let its pages ask."""
    if event.case_id is None:
        return
    column = Chat.staff_spoke_at if event.actor_side == "staff" else Chat.contact_spoke_at
    ctx.session.execute(
        update(Chat)
        .where(Chat.provider_id == ctx.provider_id, Chat.case_id == event.case_id, Chat.ended_at.is_(None))
        .values({column: ctx.now})
        .execution_options(synchronize_session="evaluate")
    )
    announce_chat(ctx, event.case_id)


def show_note(ctx: Context, event: Event) -> None:
    """React to an internal note: the chat pages of staff show it."""
    if event.case_id is not None:
        announce_chat(ctx, event.case_id)


def end_redirected(ctx: Context, event: Event) -> None:
    """React to a case that was merged or moved: a chat about it ends, because its conversation goes on elsewhere."""
    if event.case_id is None:
        return
    with as_system(ctx) as inner:
        chat = live_chat_of(inner, event.case_id)
        if chat is not None:
            end_moved(inner, chat, detail.by_id(inner, event.case_id))
