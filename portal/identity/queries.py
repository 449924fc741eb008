"""Reads about people and their sign-ins."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.authz.scopes import load, scope
from portal.identity.models import Address, BrowserSession, Password, UnsentForm, User
from portal.kernel.context import Context


def token_hash(token: str) -> bytes:
    """How a session token is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def user_by_email(ctx: Context, email: str) -> User | None:
    """The user of this provider who holds the address *email*, whatever its letter case; never one who claims it."""
    statement = (
        select(User)
        .join(Address, Address.user_id == User.id)
        .where(
            Address.provider_id == ctx.provider_id, Address.email_folded == email.casefold(), Address.claimed.is_(False)
        )
    )
    return ctx.session.scalars(statement).one_or_none()


def claimed_address(ctx: Context, user: User) -> Address | None:
    """The address that *user* claims; None for everybody who holds theirs."""
    statement = select(Address).where(Address.user_id == user.id, Address.claimed)
    return ctx.session.scalars(statement).one_or_none()


def holder_of(ctx: Context, user: User) -> User:
    """The person who holds the address that *user* claims; *user* themself where they claim none."""
    claimed = claimed_address(ctx, user)
    return (user_by_email(ctx, claimed.email) or user) if claimed is not None else user


def current_user_id(ctx: Context, user_id: uuid.UUID) -> uuid.UUID:
    """The id of the person that the user *user_id* is now: another one's, once a claimed address was accepted."""
    merged = select(User.merged_into_id).where(User.provider_id == ctx.provider_id, User.id == user_id)
    return ctx.session.scalar(merged) or user_id


def password_of(ctx: Context, user_id: uuid.UUID) -> Password | None:
    statement = select(Password).where(Password.provider_id == ctx.provider_id, Password.user_id == user_id)
    return ctx.session.scalars(statement).one_or_none()


def primary_email(ctx: Context, user_id: uuid.UUID) -> str:
    """The address that mail to this person goes to, or ''."""
    statement = select(Address.email).where(Address.user_id == user_id).order_by(Address.id).limit(1)
    return ctx.session.scalar(statement) or ""


def open_sessions(ctx: Context, idle: dt.timedelta) -> Sequence[BrowserSession]:
    """Where the acting person is signed in and not idle for longer than *idle*, newest first, at most 50."""
    statement = scope(ctx.actor, BrowserSession).where(
        BrowserSession.ended_at.is_(None), BrowserSession.last_seen_at > ctx.now - idle
    )
    return ctx.session.scalars(statement.order_by(BrowserSession.last_seen_at.desc()).limit(50)).all()


def own_session(ctx: Context, session_id: uuid.UUID | None) -> BrowserSession:
    """The acting person's sign-in *session_id*; NotFound for another person's."""
    return load(ctx, BrowserSession, BrowserSession.id == session_id)


def session_end_reason(ctx: Context, token: str) -> str:
    """Why the sign-in with this *token* is over: 'ended' (signed out somewhere), 'idle', or '' (never seen here)."""
    statement = select(BrowserSession.ended_at, BrowserSession.id).where(
        BrowserSession.token_hash == token_hash(token), BrowserSession.provider_id == ctx.provider_id
    )
    row = ctx.session.execute(statement).one_or_none()
    if row is None:
        return ""
    return "ended" if row.ended_at else "idle"


def user_of_ended_session(ctx: Context, token: str) -> uuid.UUID | None:
    """Whose browser session this *token* was, ended or idle; None for a token that was never given out here."""
    statement = select(BrowserSession.user_id).where(
        BrowserSession.token_hash == token_hash(token), BrowserSession.provider_id == ctx.provider_id
    )
    return ctx.session.scalar(statement)


def unsent_form(ctx: Context, form_id: uuid.UUID) -> UnsentForm:
    """The acting person's unsent form *form_id*; NotFound for another person's, and when its time is over."""
    return load(ctx, UnsentForm, UnsentForm.id == form_id, UnsentForm.expires_at > ctx.now)


def addresses(ctx: Context, user_id: uuid.UUID) -> Sequence[Address]:
    """The addresses of a person, the primary one first."""
    return ctx.session.scalars(select(Address).where(Address.user_id == user_id).order_by(Address.id)).all()


@dataclass(frozen=True, slots=True)
class SignIn:
    """How somebody gets in: address, whether a password was chosen, an open invitation, when they were last here."""

    email: str
    has_password: bool
    invited_at: dt.datetime | None
    last_seen: dt.datetime | None

    @property
    def state(self) -> str:
        """`signs_in`, `invited`, or `none`: listed, but without a way in."""
        if self.has_password:
            return "signs_in"
        return "invited" if self.invited_at else "none"


def sign_ins(ctx: Context, user_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, SignIn]:
    """How each of *user_ids* gets in, in one statement. The caller has seen these people through a scope."""
    email = select(Address.email).where(Address.user_id == User.id).order_by(Address.id).limit(1).scalar_subquery()
    seen = select(func.max(BrowserSession.last_seen_at)).where(BrowserSession.user_id == User.id).scalar_subquery()
    password = select(Password.id).where(Password.user_id == User.id).exists()
    rows = ctx.session.execute(
        select(User.id, email, password, User.invited_at, seen).where(
            User.provider_id == ctx.provider_id, User.id.in_(list(user_ids))
        )
    )
    return {row[0]: SignIn(row[1] or "", row[2], row[3], row[4]) for row in rows}
