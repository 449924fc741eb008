"""The conversation of a chat, whole or what is new, for its contact or for staff."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, make_response, render_template, request

from portal.cases.queries import detail
from portal.cases.queries.conversation import Conversation
from portal.cases.timeline import Entry, entries
from portal.chat import labels, rules
from portal.chat.actions.chats import note_seen
from portal.chat.models import Chat
from portal.chat.queries import chats
from portal.kernel.change_stamps import read_stamp
from portal.kernel.context import Context
from portal.web.deferred_writes import defer_write
from portal.web.htmx import page, see, wants_fragment
from portal.web.unchanged_polls import remember_answer
from portal.web.urls import id_parameter

# How long an answer without news is believed while no change is announced. Looks are written down as often.
BELIEVED = 20


@dataclass(frozen=True, slots=True)
class ChatState:
    """What a page says of a chat beside its lines."""

    sentence: str
    position: str = ""
    wait: str = ""
    typing: str = ""
    seen: bool = False


def shown_lines(context: Context, chat: Chat, lines: Conversation, *, in_panel: bool = False) -> list[Entry]:
    """*lines* as entries of a conversation; the description is one of them only where the chat opened the case. In the
    panel they have ids of their own, because the page below may show the same conversation."""
    if lines.has_older and not lines.messages:
        return []
    case = chat.case if lines.has_older else detail.by_id(context, chat.case_id)
    found = entries(case, lines, [], {}, staff_side=context.actor.is_staff)
    # As they arrived on open pages: lines that were written at the same moment are not in the order of their requests.
    order = {str(message.id): place for place, message in enumerate(lines.messages)}
    found.sort(key=lambda entry: order.get(str(entry.message_id), -1))
    # Every line came through the chat: saying so beside each is noise.
    found = [replace(entry, channel="") if not entry.by_mail else entry for entry in found]
    return [replace(entry, id=f"chat-{entry.id}") for entry in found] if in_panel else found


def chat_state(context: Context, chat: Chat) -> ChatState:
    """The state of *chat* for its contact."""
    waits = chat.live and chat.waiting_since is not None
    return ChatState(
        labels.state_sentence(chat),
        position=labels.position_sentence(chats.queue_position(context, chat)) if waits else "",
        wait=labels.wait_sentence(rules.estimate_wait(chats.recent_waits(context))) if waits else "",
        typing=chats.agent_names(chat) if chat.live and rules.is_typing(chat.staff_typed_at, context.now) else "",
        seen=chat.live and chat.staff_seen_at is not None and chat.staff_seen_at > chat.contact_spoke_at,
    )


def newest_id(lines: Conversation, otherwise: Any) -> str:
    """The id of the last message of *lines*, or *otherwise*."""
    return str(lines.messages[-1].id if lines.messages else otherwise)


def note_look(context: Context, chat: Chat) -> None:
    """Write down, after the answer, that its contact or its agent looked at *chat*, if that was not done just now."""
    seen_at = chat.contact_seen_at if context.actor.is_contact else chat.staff_seen_at
    own = context.actor.is_contact or chat.accepted_by_id == context.actor.staff_id
    if chat.live and own and rules.is_look_due(seen_at, context.now):
        chat_id = chat.id
        defer_write(lambda inner: note_seen(inner, chat_id))


def answer_news(context: Context, chat: Chat, *, in_panel: bool = False) -> Response:
    """What is new since the message of `?after=` for the contact's page: 304 if its state is known and no line came."""
    # Only who waits is told of the queue.
    waits = chat.live and chat.waiting_since is not None
    stamp_ids = [chat.case_id, *([rules.queue_stamp_id(context.provider_id)] if waits else [])]
    stamp = read_stamp(*stamp_ids)
    after = id_parameter("after") or chat.case_id
    lines = chats.chat_lines(context, chat, after=after)
    state = chat_state(context, chat)
    tag = state_tag(state, chat)
    note_look(context, chat)
    if not lines.messages and request.headers.get("HX-PTag") == tag:
        if not state.typing:
            remember_answer(stamp_ids, stamp, tag, BELIEVED)
        return Response(status=304, headers={"HX-PTag": tag})
    newest = newest_id(lines, after)
    if not state.typing:
        query = f"after={newest}{'&panel=1' if in_panel else ''}"
        remember_answer(stamp_ids, stamp, tag, BELIEVED, query=query)
    html = render_template(
        "chat/_news.html",
        chat=chat,
        state=state,
        tag=tag,
        lines=shown_lines(context, chat, lines, in_panel=in_panel),
        after=newest,
        panel=in_panel,
    )
    answer = make_response(html)
    answer.headers["HX-PTag"] = tag
    return answer


def state_tag(state: ChatState, chat: Chat) -> str:
    """The mark of what a page says of *chat* beside its lines."""
    return hashlib.sha256(repr((state, chat.live)).encode()).hexdigest()[:24]


def answer_written(url: str, template: str, new_form: Any, chat: Chat, *, panel: bool = False) -> Any:
    """The answer to a line that was written: the page again, or for htmx an empty box, and the news at once."""
    if not wants_fragment():
        return see(url)
    form = new_form(formdata=None)
    form.draw_anew()
    if panel:
        form.rename_fields("chat")
    answer = page(template, chat=chat, form=form, staged=[], written=True, panel=panel)
    answer.headers["HX-Trigger"] = "chat"
    return answer
