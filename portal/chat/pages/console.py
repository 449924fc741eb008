"""The chat page of the desk: who waits, one's own chats, and one of them open."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request

from portal.chat import labels, rules
from portal.chat.actions.agents import note_agent_seen
from portal.chat.models import Chat
from portal.chat.pages import talk
from portal.chat.queries import availability, chats
from portal.chat.queries.settings import chat_hours, chat_settings
from portal.kernel.change_stamps import read_stamp
from portal.kernel.context import Context
from portal.web.deferred_writes import defer_write
from portal.web.times import to_reader_zone
from portal.web.unchanged_polls import remember_answer
from portal.web.urls import id_parameter


@dataclass(frozen=True, slots=True)
class ChatLists:
    """The chats of the page: those that wait, the reader's own, and those of theirs that ended today."""

    waiting: Sequence[Chat]
    mine: Sequence[Chat]
    ended: Sequence[Chat]

    def marks(self) -> str:
        """What the lists show, as a text to compare."""
        rows = [(one.id, one.contact_waits, one.live) for one in (*self.waiting, *self.mine, *self.ended)]
        return repr((len(self.waiting), rows))


@dataclass(frozen=True, slots=True)
class TalkState:
    """What the page says of the chat that is open, beside its lines."""

    sentence: str
    typing: bool = False
    seen: bool = False
    present: bool = False


def read_lists(context: Context) -> ChatLists:
    """The chats of the page; three statements."""
    midnight = to_reader_zone(context.now).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(dt.UTC)
    return ChatLists(chats.waiting_chats(context), chats.own_chats(context), chats.ended_chats(context, midnight))


def open_state(context: Context, chat: Chat) -> TalkState:
    """The state of *chat* for staff."""
    if not chat.live:
        return TalkState(labels.staff_end_sentence(chat.end_reason, chat.user.name))
    sentence = labels.staff_sentence(chat, context.actor.staff_id)
    spoke = chat.staff_spoke_at
    return TalkState(
        sentence,
        typing=rules.is_typing(chat.contact_typed_at, context.now),
        seen=spoke is not None and not chat.contact_waits and chat.contact_seen_at > spoke,
        present=rules.is_present(chat.contact_seen_at, context.now),
    )


def page_values(context: Context) -> dict[str, Any]:
    """The values of both pages beside the chat: the lists, the switch, and until when the chat is open."""
    agent, settings, hours = availability.own_agent(context), chat_settings(context), chat_hours(context)
    if agent is not None and agent.takes and rules.is_look_due(agent.seen_at, context.now):
        defer_write(note_agent_seen)
    offered = settings is not None and settings.enabled and hours is not None
    is_open = offered and hours is not None and hours.is_open(context.now)
    lists = read_lists(context)
    return {
        "lists": lists,
        "agent": agent,
        "most": agent.most if agent is not None else settings.most if settings is not None else 3,
        "hours": (
            labels.closing_sentence(hours, context.now) if is_open else labels.opening_sentence(hours, context.now)
        )
        if offered and hours is not None
        else "",
        "offered": offered,
    }


def page_tag(lists: ChatLists, state: TalkState | None) -> str:
    """The mark of everything that a page shows beside lines."""
    return hashlib.sha256(f"{lists.marks()} {state!r}".encode()).hexdigest()[:24]


def answer_news(context: Context, chat: Chat | None) -> Response:
    """What is new for the page, with *chat* open on it or none: 304 if nothing is."""
    agent = availability.own_agent(context)
    if agent is not None and agent.takes and rules.is_look_due(agent.seen_at, context.now):
        defer_write(note_agent_seen)
    own = [one.case_id for one in chats.own_chats(context)]
    stamp_ids = [rules.queue_stamp_id(context.provider_id), *own, *([chat.case_id] if chat is not None else [])]
    # Before anything of the answer is read: what changes meanwhile is asked for again.
    stamp = read_stamp(*stamp_ids)
    lists = read_lists(context)
    state, lines, after = None, None, None
    if chat is not None:
        after = id_parameter("after") or chat.case_id
        lines = chats.chat_lines(context, chat, after=after)
        state = open_state(context, chat)
        talk.note_look(context, chat)
    tag = page_tag(lists, state)
    fresh = lines is not None and bool(lines.messages)
    if not fresh and request.headers.get("HX-PTag") == tag:
        if state is None or not state.typing:
            remember_answer(stamp_ids, stamp, tag, talk.BELIEVED)
        return Response(status=304, headers={"HX-PTag": tag})
    newest = talk.newest_id(lines, after) if lines is not None else ""
    if state is None or not state.typing:
        remember_answer(stamp_ids, stamp, tag, talk.BELIEVED, query=f"after={newest}" if newest else "")
    answer = make_response(
        render_template(
            "chat/desk/_news.html",
            chat=chat,
            lists=lists,
            state=state,
            tag=tag,
            lines=talk.shown_lines(context, chat, lines) if chat is not None and lines is not None else [],
            after=newest,
        )
    )
    answer.headers["HX-PTag"] = tag
    return answer
