"""Starting, accepting, writing in, handing over and ending chats.

A line is a message of the case: `cases.actions.conversation` writes it, with its permission, clock and notifications.
The rows here hold what a case does not. Whoever calls a verb holds the locks of case and chat (`queries.lock_chat`).
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.canned_replies.actions.uses import use_in_chat
from portal.cases.actions import conversation, desk
from portal.cases.actions.opening import Opening, submit
from portal.cases.models import Case
from portal.cases.queries.request_types import request_type_by_id
from portal.cases.queries.staff import assignable_staff
from portal.chat import rules
from portal.chat.actions.announcing import announce_chat
from portal.chat.models import Chat
from portal.chat.queries import availability, chats
from portal.chat.queries.settings import chat_settings, silence
from portal.chat.rules import Availability, EndReason
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.uow import announce_nothing
from portal.tenants.models import Account

# The kind of due work that looks whether somebody is silent or gone.
WATCH = "chat_watch"
CHANNEL = "chat"
SUBJECT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Question:
    """The first line of a chat, or of the case that is opened in its place."""

    text: str
    environment_id: Id | None = None
    staged: Sequence[uuid.UUID] = ()
    idempotency_key: str | None = None


def start_chat(ctx: Context, account: Account, question: Question, *, about: Case | None = None) -> Chat:
    """Start a chat with *question*: it opens a private case in *account*, or continues the case *about*. Records
    `chat.started`. The same form sent again returns the chat that it started.

    Raises Conflict if the actor has another chat open, and Refused where no chat can be started now.
    """
    earlier = chats.own_live_chat(ctx)
    if earlier is not None and _is_same_form(ctx, earlier, question):
        return earlier
    if earlier is not None:
        raise Conflict(_("You have a chat open already. Go on there, or end it first."))
    check_open(ctx, account.id)
    inner = replace(ctx, channel=CHANNEL)
    case = open_case(inner, account, question) if about is None else _reply(inner, about, question.text, question)
    if chats.live_chat_of(ctx, case.id) is not None:
        raise Conflict(_("There is a chat about this case already."))
    chat = Chat(
        provider_id=ctx.provider_id,
        organization_id=case.organization_id,
        account_id=case.account_id,
        case_id=case.id,
        user_id=ctx.actor.user_id,
        started_at=ctx.now,
        waiting_since=ctx.now,
        contact_spoke_at=ctx.now,
        contact_seen_at=ctx.now,
    )
    ctx.session.add(chat)
    ctx.session.flush()
    record(inner, "chat.started", chat, case=case)
    _watch(ctx, chat, ctx.now + silence(ctx))
    announce_chat(ctx, case.id, queue=True)
    return chat


def _is_same_form(ctx: Context, chat: Chat, question: Question) -> bool:
    """Whether the form of *question* started *chat* already: it opened the case, or wrote the first message."""
    key, case = question.idempotency_key, chats.find_chat(ctx, chat.id).case
    return key is not None and (case.idempotency_key == key or chats.has_line(ctx, case.id, key))


def check_open(ctx: Context, account_id: Id) -> None:
    """Raise Refused, with a sentence for the person, unless a chat in this account can be started now."""
    state = availability.chat_offer(ctx, [account_id]).state
    if state is Availability.OFF:
        raise Refused(_("There is no chat at the moment."))
    if state is Availability.CLOSED:
        raise Refused(_("The chat has just closed. What you wrote is still here: leave it with us instead."))
    if state is Availability.BUSY:
        raise Refused(_("Everyone is busy now. What you wrote is still here: leave it with us instead."))


def open_case(ctx: Context, account: Account, question: Question) -> Case:
    """Open the private case of a chat, or the one that is left in place of a chat, with the provider's request type.
    Raises Refused where there is none any more."""
    settings = chat_settings(ctx)
    if settings is None or settings.request_type_id is None:
        raise Refused(_("There is no chat at the moment."))
    kind = request_type_by_id(ctx, settings.request_type_id)
    opening = Opening(
        subject=subject_of(question.text),
        description=question.text,
        environment_id=question.environment_id,
        severity=kind.default_rank,
        visibility="private",
        staged=question.staged,
        idempotency_key=question.idempotency_key,
    )
    return submit(ctx, account, kind, opening)


def subject_of(text: str) -> str:
    """The first line of *text*, cut at a word."""
    line = next((one.strip() for one in text.splitlines() if one.strip()), "") or text.strip()
    if len(line) <= SUBJECT_LIMIT:
        return line
    return f"{line[:SUBJECT_LIMIT].rsplit(' ', 1)[0][:SUBJECT_LIMIT]}…"


def _reply(ctx: Context, case: Case, body: str, question: Question) -> Case:
    return conversation.reply(ctx, case, body=body, staged=question.staged, idempotency_key=question.idempotency_key)


# -- lines ------------------------------------------------------------------------------------------------------------


def write_as_contact(
    ctx: Context, chat: Chat, case: Case, *, body: str, staged: Sequence[uuid.UUID] = (), idempotency_key: str | None
) -> None:
    """Add a line of the contact. Raises Conflict for a chat that has ended, or whose case goes on elsewhere."""
    if chats.has_line(ctx, case.id, idempotency_key):
        return
    _require_live(chat)
    inner = replace(ctx, channel=CHANNEL)
    got = conversation.reply(inner, case, body=body, staged=staged, idempotency_key=idempotency_key)
    if got.id != case.id:
        # The case was closed, and the provider's rule opened another one for the words: the chat goes on there.
        _move_to(ctx, chat, got)
    chat.contact_seen_at, chat.contact_typed_at = ctx.now, None


def _move_to(ctx: Context, chat: Chat, case: Case) -> None:
    announce_chat(ctx, chat.case_id, queue=True)
    chat.case_id, chat.account_id, chat.organization_id = case.id, case.account_id, case.organization_id
    chat.contact_spoke_at = ctx.now
    announce_chat(ctx, case.id)


def write_as_agent(
    ctx: Context,
    chat: Chat,
    case: Case,
    *,
    body: str,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None,
    anyway: SendAnyway | None = None,
    answers: Mapping[str, str] | None = None,
) -> None:
    """Add a line of support by whoever has the chat. Raises Conflict for somebody else, and for a chat that has
    ended. *answers*: what the line says of canned replies; Refused once for what they leave open."""
    if chats.has_line(ctx, case.id, idempotency_key):
        return
    _require_own(ctx, chat)
    use_in_chat(ctx, case, chat.user, body, answers or {})
    conversation.answer(
        replace(ctx, channel=CHANNEL),
        case,
        body=body,
        staged=staged,
        idempotency_key=idempotency_key,
        anyway=anyway,
    )
    chat.staff_seen_at, chat.staff_typed_at = ctx.now, None


# -- verbs of agents --------------------------------------------------------------------------------------------------


def accept_chat(ctx: Context, chat: Chat, case: Case) -> None:
    """Take a chat that waits; a case without an owner becomes the actor's. Records `chat.accepted` (fact: waited, in
    seconds). Raises Conflict where somebody was faster, it has ended, or the actor has as many as they take."""
    require(ctx.actor, Permission.CASE_ANSWER, case)
    _require_live(chat)
    if chat.accepted_by_id == ctx.actor.staff_id:
        return
    if chat.accepted_by_id is not None:
        raise Conflict(_("%(name)s was faster.", name=chats.agent_names(chat)))
    agent = availability.own_agent(ctx)
    settings = chat_settings(ctx)
    most = agent.most if agent is not None else settings.most if settings is not None else 1
    if chats.count_own_live(ctx) >= most:
        raise Conflict(_("You have as many chats as you take. End one, or take more at once."))
    since = chat.waiting_since or ctx.now
    _give(ctx, chat, ctx.actor.staff_id)
    if case.owner_id is None and case.unresolved:
        desk.take(ctx, case)
    record(ctx, "chat.accepted", chat, case=case, waited=round((ctx.now - since).total_seconds()))
    announce_chat(ctx, case.id, queue=True)


def _give(ctx: Context, chat: Chat, staff_id: Id | None) -> None:
    chat.waiting_since, chat.accepted_by_id, chat.accepted_at, chat.lost_by_id = None, staff_id, ctx.now, None
    chat.first_accepted_at = chat.first_accepted_at or ctx.now
    chat.staff_seen_at, chat.staff_typed_at = ctx.now, None
    ctx.session.flush()
    _watch(ctx, chat, ctx.now + rules.AGENT_GONE)


def hand_over(ctx: Context, chat: Chat, case: Case, *, staff_id: Id | None, note: str) -> None:
    """Give the chat to a colleague who takes chats, with an internal note; the case goes with it if the actor owns it.
    Records `chat.handed_over` (facts: to, name). Raises Refused with the field."""
    _require_own(ctx, chat)
    found = {one.staff_id: one for one in possible_colleagues(ctx, case)}
    if staff_id is None or staff_id not in found:
        raise Refused(_("Choose somebody who takes chats"), "staff")
    if not note.strip():
        raise Refused(_("Write what they need to know"), "note")
    conversation.note(ctx, case, body=note)
    if case.owner_id == ctx.actor.staff_id:
        desk.assign(ctx, case, owner_id=staff_id, department_id=case.department_id)
    _give(ctx, chat, staff_id)
    record(ctx, "chat.handed_over", chat, case=case, to=str(staff_id), name=found[staff_id].name)
    announce_chat(ctx, case.id, queue=True)


def possible_colleagues(ctx: Context, case: Case) -> list[availability.Colleague]:
    """Those to whom a chat about *case* can be handed over."""
    return availability.colleagues(ctx, assignable_staff(ctx, case))


# -- the end ----------------------------------------------------------------------------------------------------------


def end_as_contact(ctx: Context, chat: Chat, case: Case) -> None:
    """End one's own chat; while it waits that is leaving a message. The case stays open. A second press does
    nothing."""
    if chat.live:
        reason = EndReason.LEFT_MESSAGE if chat.staff_spoke_at is None and chat.waiting_since else EndReason.CONTACT
        _end(replace(ctx, channel=CHANNEL), chat, case, reason)


def end_as_agent(ctx: Context, chat: Chat, case: Case) -> None:
    """End a chat that the actor has; the case stays as it is. A second press does nothing."""
    if chat.live:
        _require_own(ctx, chat)
        _end(ctx, chat, case, EndReason.AGENT)


def _end(ctx: Context, chat: Chat, case: Case, reason: EndReason) -> None:
    """Record `chat.ended` (facts: how, user, and talked: whether staff said anything): the contact is sent what was
    written, unless they chose otherwise."""
    chat.ended_at, chat.end_reason, chat.waiting_since = ctx.now, str(reason), None
    ctx.session.flush()
    outbox.unschedule(ctx.session, ctx.provider_id, WATCH, chat.id)
    talked = chat.staff_spoke_at is not None
    record(ctx, "chat.ended", chat, case=case, how=str(reason), user=str(chat.user_id), talked=talked)
    announce_chat(ctx, case.id, queue=True)


def end_moved(ctx: Context, chat: Chat, case: Case) -> None:
    """End the chat of a case that was merged or moved: its conversation goes on under another number."""
    _end(ctx, chat, case, EndReason.MOVED)


# -- what happens by itself -------------------------------------------------------------------------------------------


def watch_chat(ctx: Context, chat: Chat, case: Case) -> None:
    """Look at *chat* at this moment: end it if its contact is silent, put it back into the queue if its agent is gone
    while the contact waits, and plan the next look. The system acts."""
    if not chat.live:
        return
    ends = rules.silence_ends(chat, silence(ctx))
    if ends <= ctx.now:
        _end(ctx, chat, case, EndReason.SILENT)
        return
    gone = None
    if chat.accepted_by_id is not None:
        gone = rules.agent_gone_at(chat, availability.last_seen(ctx, chat.accepted_by_id))
    if gone is not None and gone <= ctx.now:
        _return(ctx, chat, case)
        gone = None
    soon = ctx.now + rules.AGENT_GONE
    _watch(ctx, chat, min(one for one in (ends, gone, soon) if one is not None))


def _return(ctx: Context, chat: Chat, case: Case) -> None:
    """Put *chat* back into the queue, where it waits since the contact's last words; records `chat.returned`."""
    chat.lost_by_id, chat.accepted_by_id, chat.accepted_at = chat.accepted_by_id, None, None
    chat.waiting_since, chat.staff_typed_at = chat.contact_spoke_at, None
    ctx.session.flush()
    record(ctx, "chat.returned", chat, case=case)
    announce_chat(ctx, case.id, queue=True)


def _watch(ctx: Context, chat: Chat, at: dt.datetime) -> None:
    outbox.schedule(ctx.session, ctx.provider_id, WATCH, chat.id, at)


# -- observations -----------------------------------------------------------------------------------------------------


def note_seen(ctx: Context, chat_id: Id) -> None:
    """Observation: the page of the contact, or of the agent, showed the chat. Nobody else's page is told at once."""
    column = Chat.contact_seen_at if ctx.actor.is_contact else Chat.staff_seen_at
    announce_nothing(ctx.session)
    _set(ctx, chat_id, column, ctx.now)


def note_typing(ctx: Context, chat: Chat) -> None:
    """The contact, or the agent who has the chat, is typing: the other side is told for a few seconds."""
    own = ctx.actor.is_contact or chat.accepted_by_id == ctx.actor.staff_id
    if not chat.live or not own:
        return
    announce_nothing(ctx.session)
    _set(ctx, chat.id, Chat.contact_typed_at if ctx.actor.is_contact else Chat.staff_typed_at, ctx.now)
    announce_chat(ctx, chat.case_id)


def _set(ctx: Context, chat_id: Id, column: Any, moment: dt.datetime) -> None:
    own = Chat.user_id == ctx.actor.user_id if ctx.actor.is_contact else Chat.accepted_by_id == ctx.actor.staff_id
    ctx.session.execute(
        update(Chat)
        .where(Chat.provider_id == ctx.provider_id, Chat.id == chat_id, Chat.ended_at.is_(None), own)
        .values({column: moment})
        .execution_options(synchronize_session=False)
    )


def _require_live(chat: Chat) -> None:
    if not chat.live:
        raise Conflict(_("This chat has ended. The case goes on: write on its page."))


def _require_own(ctx: Context, chat: Chat) -> None:
    _require_live(chat)
    if chat.accepted_by_id is None:
        raise Conflict(_("Accept the chat first."))
    if chat.accepted_by_id != ctx.actor.staff_id:
        raise Conflict(_("%(name)s has this chat now.", name=chats.agent_names(chat)))
