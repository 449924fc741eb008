"""Chats: one, those that wait, one's own, and their lines."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, or_
from sqlalchemy.orm import defer, joinedload, selectinload

from portal.authz.scopes import load, scope, select_nothing
from portal.cases.models import Case, Message
from portal.cases.queries import detail
from portal.cases.queries.conversation import Conversation
from portal.cases.queries.status_filter import UNRESOLVED_CASE
from portal.chat import rules
from portal.chat.models import Chat
from portal.identity.models import User
from portal.kernel.actor import Actor, Id
from portal.kernel.bounded_counts import bounded_count
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.tenants.models import Account, StaffMember

MOST_LISTED, MOST_LINES, MOST_COUNTED = 50, 200, 100


def _with_names() -> list[Any]:
    return [
        joinedload(Chat.user, innerjoin=True),
        joinedload(Chat.accepted_by).joinedload(StaffMember.user),
        joinedload(Chat.lost_by).joinedload(StaffMember.user),
        joinedload(Chat.case, innerjoin=True).joinedload(Case.account, innerjoin=True),
        joinedload(Chat.case, innerjoin=True).joinedload(Case.organization, innerjoin=True),
    ]


def find_chat(ctx: Context, chat_id: Id) -> Chat:
    """One visible chat with its people; NotFound for missing and foreign alike."""
    return load(ctx, Chat, Chat.id == chat_id, options=_with_names())


def lock_chat(ctx: Context, chat_id: Id) -> tuple[Chat, Case]:
    """One visible chat and its case, both locked, the case first; NotFound for missing and foreign alike."""
    case_id = load(ctx, Chat, Chat.id == chat_id).case_id
    case = detail.by_id(ctx, case_id, lock=True)
    load(ctx, Chat, Chat.id == chat_id, lock=True)
    return find_chat(ctx, chat_id), case


def own_live_chat(ctx: Context) -> Chat | None:
    """The chat that the actor, a contact, has open."""
    rows = scope(ctx.actor, Chat).where(Chat.user_id == ctx.actor.user_id, Chat.ended_at.is_(None))
    return ctx.session.scalars(rows).one_or_none()


def live_chat_of(ctx: Context, case_id: Id) -> Chat | None:
    """The chat that is open in a case."""
    return ctx.session.scalars(
        scope(ctx.actor, Chat).where(Chat.case_id == case_id, Chat.ended_at.is_(None))
    ).one_or_none()


def _live(actor: Actor) -> "Select[Any]":
    return scope(actor, Chat).where(Chat.ended_at.is_(None))


def waiting_chats(ctx: Context) -> Sequence[Chat]:
    """The visible chats that nobody has accepted, the one that waits longest first."""
    rows = _live(ctx.actor).where(Chat.waiting_since.is_not(None)).options(*_with_names())
    return ctx.session.scalars(rows.order_by(Chat.waiting_since, Chat.id).limit(MOST_LISTED)).unique().all()


def own_chats(ctx: Context) -> Sequence[Chat]:
    """The live chats that the actor, a staff member, has accepted, the oldest first."""
    rows = _live(ctx.actor).where(Chat.accepted_by_id == ctx.actor.staff_id).options(*_with_names())
    return ctx.session.scalars(rows.order_by(Chat.accepted_at, Chat.id).limit(MOST_LISTED)).unique().all()


def ended_chats(ctx: Context, since: dt.datetime) -> Sequence[Chat]:
    """The chats of the actor, a staff member, that ended after *since*, the last one first."""
    rows = scope(ctx.actor, Chat).where(Chat.accepted_by_id == ctx.actor.staff_id, Chat.ended_at > since)
    rows = rows.options(*_with_names()).order_by(Chat.ended_at.desc(), Chat.id.desc())
    return ctx.session.scalars(rows.limit(MOST_LISTED)).unique().all()


def count_own_live(ctx: Context) -> int:
    """How many live chats the actor, a staff member, has accepted."""
    rows = _live(ctx.actor).where(Chat.accepted_by_id == ctx.actor.staff_id)
    return ctx.session.scalar(rows.with_only_columns(func.count())) or 0


def waiting_count(actor: Actor) -> ScalarSelect[int]:
    """The number of visible chats that wait, for the rail of the desk: a part of a statement."""
    if not actor.is_staff:
        return bounded_count(select_nothing(_live(actor)).with_only_columns(Chat.id), 1)
    rows = _live(actor).where(Chat.waiting_since.is_not(None))
    return bounded_count(rows.with_only_columns(Chat.id), MOST_COUNTED)


def queue_position(ctx: Context, chat: Chat) -> int:
    """The place of *chat*, which waits, among all that wait at the provider: 1 is next. A number, and nothing else of
    the chats of others."""
    with as_system(ctx) as inner:
        before = _live(inner.actor).where(
            or_(
                Chat.waiting_since < chat.waiting_since,
                (Chat.waiting_since == chat.waiting_since) & (Chat.id < chat.id),
            )
        )
        return 1 + (inner.session.scalar(before.with_only_columns(func.count())) or 0)


def recent_waits(ctx: Context) -> list[dt.timedelta]:
    """How long contacts waited for an agent within the last hour: measured, and without anything about whom."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, Chat).where(Chat.first_accepted_at > ctx.now - rules.RECENT)
        columns = rows.with_only_columns(Chat.first_accepted_at - Chat.started_at)
        return list(inner.session.scalars(columns.order_by(Chat.id.desc()).limit(50)))


# -- lines ------------------------------------------------------------------------------------------------------------


def chat_lines(ctx: Context, chat: Chat, *, after: uuid.UUID | None = None) -> Conversation:
    """The messages of the case since *chat* began that the actor may read; with *after* those that follow this message.
    The newest MOST_LINES. The description belongs to them where the chat opened the case."""
    rows = scope(ctx.actor, Message).where(Message.case_id == chat.case_id, Message.recorded_at >= chat.started_at)
    if after is not None:
        rows = rows.where(Message.id > after)
    rows = rows.options(joinedload(Message.author), selectinload(Message.files))
    found = ctx.session.scalars(rows.order_by(Message.position.desc()).limit(MOST_LINES)).unique().all()
    return Conversation(list(reversed(found)), has_older=after is not None or not is_opened_by(chat))


def has_line(ctx: Context, case_id: Id, idempotency_key: str | None) -> bool:
    """Whether the actor's form with this key wrote its line already, whatever was said since."""
    if idempotency_key is None:
        return False
    own = (Message.author_id == ctx.actor.user_id, Message.idempotency_key == idempotency_key)
    rows = scope(ctx.actor, Message).where(Message.case_id == case_id, *own)
    return ctx.session.scalar(rows.with_only_columns(Message.id).limit(1)) is not None


def is_opened_by(chat: Chat) -> bool:
    """Whether *chat* opened its case."""
    return bool(chat.case.opened_at >= chat.started_at)


def agent_names(chat: Chat) -> str:
    """The name of the agent who has *chat*; '' while it waits."""
    return str(chat.accepted_by.user.name) if chat.accepted_by is not None else ""


def present_chatter(ctx: Context, case_id: Id) -> Id | None:
    """The person who reads the chat about a case at this moment: they need no mail about its lines."""
    chat = live_chat_of(ctx, case_id)
    return chat.user_id if chat is not None and rules.is_present(chat.contact_seen_at, ctx.now) else None


def last_chat_of(ctx: Context, chat_id: Id) -> Chat | None:
    """The chat with this id for a mail about its end; None where it is gone. The system asks."""
    rows = scope(ctx.actor, Chat).where(Chat.id == chat_id).options(*_with_names())
    return ctx.session.scalars(rows).unique().one_or_none()


def names_of_writers(lines: Conversation) -> list[str]:
    """The names of support's writers among *lines*, each once, in their order."""
    names = [message.author.name for message in lines.messages if message.author_side == "staff" and message.author]
    return list(dict.fromkeys(names))


def person_of(ctx: Context, user_id: Id) -> User | None:
    """The user with this id, for a contact's view of articles."""
    return ctx.session.scalars(scope(ctx.actor, User).where(User.id == user_id)).one_or_none()


def find_open_account(ctx: Context, account_id: Id) -> Account:
    """The visible account with this id, with its organization; NotFound otherwise."""
    return load(ctx, Account, Account.id == account_id, options=[joinedload(Account.organization, innerjoin=True)])


def cases_to_chat_about(ctx: Context, limit: int = 20) -> Sequence[Case]:
    """The open cases of the actor, a contact, about which they may start a chat, the newest first."""
    own = or_(Case.contact_user_id == ctx.actor.user_id, Case.reported_by_id == ctx.actor.user_id)
    rows = scope(ctx.actor, Case).where(own, UNRESOLVED_CASE, Case.reported_side == "contact")
    rows = rows.options(joinedload(Case.account, innerjoin=True), defer(Case.description))
    return ctx.session.scalars(rows.order_by(Case.updated_at.desc(), Case.id.desc()).limit(limit)).unique().all()
