"""Ways to chat in tests, through the actions that people use."""

import uuid
from typing import Any

from portal.chat.actions import chats
from portal.chat.actions.agents import take_chats
from portal.chat.actions.chats import Question
from portal.chat.actions.settings import ChatFacts, change_settings
from portal.chat.models import Chat, ChatSettings
from portal.chat.queries.chats import lock_chat
from portal.sla.actions.calendars import add_calendar
from portal.tenants.models import Account
from tests.support.world import World

ALWAYS = {"name": "Always", "always": True}


def open_chat_hours(world: World, content: Any = None, *, by: str = "ada", **facts: Any) -> None:
    """Switch the chat on, open in the hours *content* (none: day and night)."""
    ctx = world.ctx(by, "staff")
    row = add_calendar(ctx, name=f"Chat {uuid.uuid4().hex[:6]}", content=content or ALWAYS)
    types = world.provider_world_of(by).types
    kind = types.get("question") or next(iter(types.values()))
    change_settings(ctx, ChatFacts(True, row.id, kind.id, **{"greeting": "Hello. What can we do?", **facts}))


def take_chats_as(world: World, who: str = "ana", most: int = 3, *, takes: bool = True) -> None:
    """*who* says on their chat page whether they take chats."""
    take_chats(world.ctx(who, "staff"), takes=takes, most=most)


def start_chat(
    world: World,
    text: str = "Invoices are missing",
    *,
    by: str = "rita",
    account: str = "ACME",
    key: str = "",
    **how: Any,
) -> Chat:
    """A chat that *by* starts."""
    ctx = world.ctx(by, "contact")
    row = ctx.session.query(Account).filter(Account.key == account, Account.provider_id == ctx.provider_id).one()
    question = Question(text, idempotency_key=key or uuid.uuid4().hex + uuid.uuid4().hex, **how)
    return chats.start_chat(ctx, row, question)


def accept_chat(world: World, chat: Chat, *, by: str = "ana") -> None:
    """*by* accepts *chat*."""
    ctx = world.ctx(by, "staff")
    chats.accept_chat(ctx, *lock_chat(ctx, chat.id))


def say(world: World, chat: Chat, text: str, *, by: str, side: str = "contact", key: str = "") -> None:
    """A line of the contact, or of the agent with *side* 'staff'."""
    ctx = world.ctx(by, side)
    write = chats.write_as_contact if side == "contact" else chats.write_as_agent
    write(ctx, *lock_chat(ctx, chat.id), body=text, idempotency_key=key or uuid.uuid4().hex + uuid.uuid4().hex)


def chatting(world: World, *, by: str = "rita", agent: str = "ana", **how: Any) -> Chat:
    """A chat of *by* that *agent* has accepted, at a provider whose chat is open."""
    if not world.rows(ChatSettings):
        open_chat_hours(world)
    take_chats_as(world, agent)
    chat = start_chat(world, by=by, **how)
    accept_chat(world, chat, by=agent)
    return chat
