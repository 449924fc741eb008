"""Which chats somebody sees: staff those about cases that they see, a contact their own."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.chat.models import Chat, ChatAgent, ChatSettings
from portal.kernel.actor import Actor
from portal.tenants.policies import of_provider


def visible_chats(actor: Actor) -> "Select[Any]":
    """A case that excludes somebody, or that they cannot read any more, takes its chats with it."""
    rows = select(Chat).where(Chat.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    rows = rows.where(Chat.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))
    return rows if actor.is_staff else rows.where(Chat.user_id == actor.user_id)


def visible_agents(actor: Actor) -> "Select[Any]":
    """Who takes chats is for staff only."""
    rows = select(ChatAgent).where(ChatAgent.provider_id == actor.provider_id)
    return rows if actor.is_system or actor.is_staff else scopes.select_nothing(rows)


scopes.register_scope(ChatSettings, of_provider(ChatSettings))
scopes.register_scope(ChatAgent, visible_agents)
scopes.register_scope(Chat, visible_chats)
