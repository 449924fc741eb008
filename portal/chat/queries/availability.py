"""Who takes chats now, and whether a chat can be started."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.authz.scopes import scope
from portal.chat import rules
from portal.chat.models import Chat, ChatAgent
from portal.chat.queries.settings import chat_hours, chat_settings
from portal.chat.rules import Availability, FreeAgent
from portal.identity.models import BrowserSession, User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.sla.queries.calendars import SupportHours
from portal.tenants.models import StaffAccount, StaffMember

MOST_AGENTS, MOST_WAITING = 500, 1000
ANSWERING = [role.value for role in StaffRole if Permission.CASE_ANSWER in ROLES[role]]


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether a chat can be started; *accounts*: for which, while it is open; *hours*: None while there is no chat."""

    state: Availability
    hours: SupportHours | None = None
    accounts: frozenset[Id] = frozenset()


def chat_offer(ctx: Context, accounts: Iterable[Id]) -> Offer:
    """Whether somebody with these *accounts* can start a chat now: it is switched on, its calendar is open, and an
    agent who takes chats is there and has free capacity."""
    found, hours = chat_settings(ctx), chat_hours(ctx)
    if found is None or not found.enabled or hours is None:
        return Offer(Availability.OFF)
    if not hours.is_open(ctx.now):
        return Offer(Availability.CLOSED, hours)
    with as_system(ctx, with_own_rows=True) as inner:
        waiting = inner.session.scalars(
            scope(inner.actor, Chat)
            .where(Chat.ended_at.is_(None), Chat.waiting_since.is_not(None))
            .order_by(Chat.waiting_since, Chat.id)
            .limit(MOST_WAITING)
            .with_only_columns(Chat.account_id)
        ).all()
        free = rules.free_for(_free_agents(inner), waiting, accounts)
    return Offer(Availability.OPEN if free else Availability.BUSY, hours, free)


def _is_here(now: dt.datetime) -> Any:
    """Whether a page of the agent asked for something a short time ago: the chat page by itself, any other by what they
    did."""
    since = now - rules.AGENT_GONE
    working = exists().where(
        BrowserSession.user_id == StaffMember.user_id,
        BrowserSession.ended_at.is_(None),
        BrowserSession.last_seen_at > since,
    )
    return or_(and_(ChatAgent.seen_at.is_not(None), ChatAgent.seen_at > since), working)


def _takers(ctx: Context) -> "Select[Any]":
    """Active agents who take chats and answer cases."""
    rows = scope(ctx.actor, ChatAgent).join(StaffMember, StaffMember.id == ChatAgent.staff_id)
    return rows.where(ChatAgent.takes, StaffMember.active, StaffMember.role.in_(ANSWERING))


def _live_count(ctx: Context) -> Any:
    own = scope(ctx.actor, Chat).where(Chat.accepted_by_id == ChatAgent.staff_id, Chat.ended_at.is_(None))
    return own.with_only_columns(func.count()).correlate(ChatAgent).scalar_subquery()


def _free_agents(ctx: Context) -> list[FreeAgent]:
    held = scope(ctx.actor, StaffAccount).where(StaffAccount.staff_id == StaffMember.id)
    accounts = func.array(held.with_only_columns(StaffAccount.account_id).correlate(StaffMember).scalar_subquery())
    columns = (ChatAgent.most, _live_count(ctx), StaffMember.all_accounts, accounts)
    rows = _takers(ctx).where(_is_here(ctx.now)).order_by(ChatAgent.id).limit(MOST_AGENTS)
    return [
        FreeAgent(max(0, most - live), None if everywhere else frozenset(held or ()))
        for most, live, everywhere, held in ctx.session.execute(rows.with_only_columns(*columns))
    ]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to whom a chat can be handed over."""

    staff_id: Id
    name: str
    live: int
    most: int
    here: bool


def colleagues(ctx: Context, staff_ids: Sequence[Id]) -> list[Colleague]:
    """Those of *staff_ids* who take chats, those who are there first; without the actor."""
    with as_system(ctx, with_own_rows=True) as inner:
        here = _is_here(inner.now).label("here")
        rows = (
            _takers(inner)
            .join(User, User.id == StaffMember.user_id)
            .where(ChatAgent.staff_id.in_(staff_ids), ChatAgent.staff_id != ctx.actor.staff_id)
            .order_by(here.desc(), User.name_folded)
            .limit(MOST_AGENTS)
        )
        columns = (ChatAgent.staff_id, User.name, _live_count(inner), ChatAgent.most, here)
        return [Colleague(*row) for row in inner.session.execute(rows.with_only_columns(*columns))]


def here_staff_users(ctx: Context) -> Sequence[Id]:
    """The user ids of agents who take chats and are there: whom a waiting chat rings for. The system asks."""
    rows = _takers(ctx).where(_is_here(ctx.now)).order_by(ChatAgent.id).limit(MOST_AGENTS)
    return ctx.session.scalars(rows.with_only_columns(StaffMember.user_id)).all()


def last_seen(ctx: Context, staff_id: Id) -> dt.datetime | None:
    """When any page of the staff member last asked for something. The system asks."""
    open_sessions = and_(BrowserSession.user_id == StaffMember.user_id, BrowserSession.ended_at.is_(None))
    rows = (
        scope(ctx.actor, StaffMember)
        .where(StaffMember.id == staff_id)
        .outerjoin(ChatAgent, ChatAgent.staff_id == StaffMember.id)
        .outerjoin(BrowserSession, open_sessions)
    )
    latest = func.greatest(func.max(BrowserSession.last_seen_at), func.max(ChatAgent.seen_at))
    found: dt.datetime | None = ctx.session.scalar(rows.with_only_columns(latest))
    return found


def own_agent(ctx: Context, *, lock: bool = False) -> ChatAgent | None:
    """Whether and how many chats the actor takes; None for somebody who never said so."""
    rows = scope(ctx.actor, ChatAgent).where(ChatAgent.staff_id == ctx.actor.staff_id)
    if lock:
        rows = rows.with_for_update(of=ChatAgent).execution_options(populate_existing=True)
    return ctx.session.scalars(rows).one_or_none()
