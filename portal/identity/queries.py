"""Reads about people and their sign-ins."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, func, or_, select

from portal.authz.scopes import load, scope
from portal.identity.factor_models import Authenticator, Passkey, RecoveryCode, TrustedDevice
from portal.identity.models import Address, BrowserSession, Password, UnsentForm, User
from portal.kernel.context import Context
from portal.kernel.system_context import as_system

# For how long a proof is enough for sensitive changes.
PROOF_LASTS = dt.timedelta(minutes=10)


def token_hash(token: str) -> bytes:
    """How a session token is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


@cache
def _select_holder() -> "Select[User]":
    """Built once: each mail and each sign-in asks for it."""
    return (
        select(User)
        .join(Address, Address.user_id == User.id)
        .where(
            Address.provider_id == bindparam("provider_id"),
            Address.email_folded == bindparam("email"),
            Address.claimed.is_(False),
        )
    )


def user_by_email(ctx: Context, email: str) -> User | None:
    """The user of this provider who holds the address *email*, whatever its letter case; never one who claims it."""
    named = {"provider_id": ctx.provider_id, "email": email.casefold()}
    holder: User | None = ctx.session.scalars(_select_holder(), named).one_or_none()
    return holder


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


def has_proved_address(ctx: Context, user_id: uuid.UUID) -> bool:
    """Whether the person has proved an address that they hold, by a mailed link or at an identity provider."""
    proved = select(Address.id).where(
        Address.user_id == user_id, Address.verified_at.is_not(None), Address.claimed.is_(False)
    )
    return bool(ctx.session.scalar(select(proved.exists())))


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


def has_other_session(ctx: Context, row: BrowserSession) -> bool:
    """Whether the acting person has signed in before *row*, as far as the rows go back."""
    others = scope(ctx.actor, BrowserSession).where(BrowserSession.id != row.id)
    return bool(ctx.session.scalar(select(others.with_only_columns(BrowserSession.id).exists())))


def has_recent_proof(ctx: Context) -> bool:
    """Whether the acting person proved who they are within PROOF_LASTS in this browser."""
    own = scope(ctx.actor, BrowserSession).where(
        BrowserSession.id == ctx.session_id, BrowserSession.proved_at > ctx.now - PROOF_LASTS
    )
    return bool(ctx.session.scalar(select(own.with_only_columns(BrowserSession.id).exists())))


def session_of_person(ctx: Context, user_id: uuid.UUID, session_id: uuid.UUID | None) -> BrowserSession | None:
    """The sign-in *session_id* of a person, for a mail to them; None once it was deleted."""
    statement = select(BrowserSession).where(BrowserSession.user_id == user_id, BrowserSession.id == session_id)
    return ctx.session.scalars(statement).one_or_none()


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
    """How somebody gets in: address, whether a password was chosen, an open invitation, when they were last here (by a
    password, or at an identity provider)."""

    email: str
    has_password: bool
    invited_at: dt.datetime | None
    last_seen: dt.datetime | None

    @property
    def state(self) -> str:
        """`signs_in`, `invited`, or `none`: listed, but without a way in."""
        if self.has_password or self.last_seen is not None:
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


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of a person: the authenticator app, the passkeys, and how many recovery codes are left."""

    authenticator: Authenticator | None
    passkeys: Sequence[Passkey]
    codes_left: int

    def __bool__(self) -> bool:
        """Whether there is one with which to sign in; recovery codes only stand in for one."""
        return self.authenticator is not None or bool(self.passkeys)


def own_factors(ctx: Context) -> Factors:
    """The second factors of the acting person."""
    left = scope(ctx.actor, RecoveryCode).where(RecoveryCode.used_at.is_(None))
    return Factors(
        ctx.session.scalars(scope(ctx.actor, Authenticator)).one_or_none(),
        ctx.session.scalars(scope(ctx.actor, Passkey).order_by(Passkey.id)).all(),
        ctx.session.scalar(select(func.count()).select_from(left.subquery())) or 0,
    )


def own_passkey(ctx: Context, passkey_id: uuid.UUID) -> Passkey:
    """The acting person's passkey *passkey_id*; NotFound for another person's."""
    return load(ctx, Passkey, Passkey.id == passkey_id)


def has_passkey(ctx: Context, user_id: uuid.UUID) -> bool:
    """Whether a person has a passkey, with which they sign in without a password. The caller acts as the system."""
    rows = select(Passkey.id).where(Passkey.provider_id == ctx.provider_id, Passkey.user_id == user_id)
    return bool(ctx.session.scalar(select(rows.exists())))


@dataclass(frozen=True, slots=True)
class FactorState:
    """Which kinds of second factors somebody has; nothing of the factors themselves."""

    app: bool
    passkeys: int

    def __bool__(self) -> bool:
        """Whether there is one."""
        return self.app or self.passkeys > 0


def factor_states(ctx: Context, user_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, FactorState]:
    """Which kinds of second factors each of *user_ids* has, in one statement, for whoever looks after their access. The
    caller has seen these people through a scope.

    The rows are hidden from everybody but their person, because they hold keys (`tenancy.by_owner`). The system reads
    them here, and only whether they are there, and how many, leaves this function.
    """
    app = select(Authenticator.id).where(Authenticator.user_id == User.id).exists()
    passkeys = select(func.count(Passkey.id)).where(Passkey.user_id == User.id).scalar_subquery()
    rows = select(User.id, app, passkeys).where(User.provider_id == ctx.provider_id, User.id.in_(list(user_ids)))
    with as_system(ctx, with_own_rows=True) as system:
        return {row[0]: FactorState(row[1], row[2]) for row in system.session.execute(rows)}


def own_trusted_devices(ctx: Context) -> Sequence[TrustedDevice]:
    """The browsers that need no second factor of the acting person for a while, the newest first."""
    rows = scope(ctx.actor, TrustedDevice).where(TrustedDevice.expires_at > ctx.now)
    return ctx.session.scalars(rows.order_by(TrustedDevice.id.desc())).all()


def own_trusted_device(ctx: Context, device_id: uuid.UUID) -> TrustedDevice:
    """One of them; NotFound for another person's."""
    return load(ctx, TrustedDevice, TrustedDevice.id == device_id)


def find_trusted_device(ctx: Context, nonce: str) -> TrustedDevice | None:
    """The trust of the acting person in the browser whose random word is *nonce*; None where there is none, or its time
    is over."""
    if not nonce:
        return None
    rows = scope(ctx.actor, TrustedDevice).where(
        TrustedDevice.nonce_hash == token_hash(nonce), TrustedDevice.expires_at > ctx.now
    )
    return ctx.session.scalars(rows).one_or_none()


def has_own_factor(ctx: Context) -> bool:
    """Whether the acting person has a second factor."""
    app = scope(ctx.actor, Authenticator).with_only_columns(Authenticator.id).exists()
    passkey = scope(ctx.actor, Passkey).with_only_columns(Passkey.id).exists()
    return bool(ctx.session.scalar(select(or_(app, passkey))))
