"""Reads about people and their sign-ins."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.identity.models import Address, BrowserSession, Password, User
from portal.kernel.context import Context


def token_hash(token: str) -> bytes:
    """How a session token is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def live_session(ctx: Context, token: str, idle: dt.timedelta) -> BrowserSession | None:
    """The session of *token* with its user, if it was neither ended nor idle for longer than *idle*. One statement."""
    found = ctx.session.scalars(
        select(BrowserSession).options(joinedload(BrowserSession.user, innerjoin=True)).where(
            BrowserSession.token_hash == token_hash(token), BrowserSession.provider_id == ctx.provider_id,
            BrowserSession.ended_at.is_(None), BrowserSession.last_seen_at > ctx.now - idle,
        )
    ).one_or_none()
    return found if found and found.user.ended_at is None else None


def user_by_email(ctx: Context, email: str) -> User | None:
    """The user of this provider with the address *email*, whatever its letter case."""
    statement = select(User).join(Address, Address.user_id == User.id).where(
        Address.provider_id == ctx.provider_id, Address.email_folded == email.casefold()
    )
    return ctx.session.scalars(statement).one_or_none()


def password_of(ctx: Context, user_id: uuid.UUID) -> Password | None:
    statement = select(Password).where(Password.provider_id == ctx.provider_id, Password.user_id == user_id)
    return ctx.session.scalars(statement).one_or_none()


def primary_email(ctx: Context, user_id: uuid.UUID) -> str:
    """The address that mail to this person goes to, or ''."""
    statement = select(Address.email).where(Address.user_id == user_id).order_by(Address.id).limit(1)
    return ctx.session.scalar(statement) or ""


def emails_of(ctx: Context, user_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The first address of each of *user_ids*, in one statement."""
    rows = ctx.session.execute(
        select(Address.user_id, Address.email).where(Address.user_id.in_(user_ids)).order_by(Address.id.desc())
    )
    return {user_id: email for user_id, email in rows}


def open_sessions(ctx: Context, user_id: uuid.UUID) -> Sequence[BrowserSession]:
    """Where a person is signed in, newest first, at most 50."""
    return ctx.session.scalars(
        select(BrowserSession).where(BrowserSession.user_id == user_id, BrowserSession.ended_at.is_(None))
        .order_by(BrowserSession.last_seen_at.desc()).limit(50)
    ).all()


def addresses(ctx: Context, user_id: uuid.UUID) -> Sequence[Address]:
    """The addresses of a person, the primary one first."""
    return ctx.session.scalars(select(Address).where(Address.user_id == user_id).order_by(Address.id)).all()
