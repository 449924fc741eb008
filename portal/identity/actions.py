"""What can be done to people and their sign-ins. Each action records its event; none of them commits."""

import datetime as dt
import secrets
import uuid

from flask_babel import gettext as _
from sqlalchemy import update

from portal.identity import passwords, queries
from portal.identity.models import Address, BrowserSession, Password, User
from portal.kernel import text, tokens
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record

INVITATION = "invitation"
RESET = "password_reset"
INVITATION_LASTS = dt.timedelta(days=7)
RESET_LASTS = dt.timedelta(hours=1)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200


def add_person(ctx: Context, *, name: str, email: str, locale: str = "", zone: str = "", phone: str = "") -> User:
    """The user with *email* at this provider, made if there is none; records `person.added` for a new one.

    An existing person keeps name and language. Callers have checked that they may add people.
    """
    known = queries.user_by_email(ctx, email)
    if known is not None:
        return known
    name = text.clean_line(name)[:200] or email
    user = User(
        provider_id=ctx.provider_id, name=name, name_folded=text.fold(name), phone=phone[:50],
        locale=locale or ctx.provider.locale, zone=zone, created_at=ctx.now,
    )
    ctx.session.add(user)
    ctx.session.flush()
    ctx.session.add(
        Address(provider_id=ctx.provider_id, user_id=user.id, email=email, email_folded=email.casefold())
    )
    ctx.session.flush()
    record(ctx, "person.added", user)
    return user


def change_profile(ctx: Context, user: User, *, name: str, phone: str) -> None:
    """Correct one's own name and phone; records `person.changed`."""
    user.name, user.name_folded, user.phone = name, text.fold(name), phone
    record(ctx, "person.changed", user)


def change_preferences(
    ctx: Context, user: User, *, locale: str, zone: str, theme: str, density: str, shortcuts: bool
) -> None:
    """How the portal looks and speaks to this person; records `person.preferences_changed`."""
    user.locale, user.zone, user.theme, user.density, user.shortcuts = locale, zone, theme, density, shortcuts
    record(ctx, "person.preferences_changed", user)


def acceptable_password(password: str, *, user: User, email: str) -> None:
    """Raise Refused unless *password* is long enough and not the person's own name or address (NIST 800-63B)."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(_("Use at least %(n)d characters", n=SHORTEST_PASSWORD), "password")
    if len(password) > LONGEST_PASSWORD:
        raise Refused(_("Use at most %(n)d characters", n=LONGEST_PASSWORD), "password")
    lowered = password.casefold()
    if lowered in (email.casefold(), user.name.casefold(), email.partition("@")[0].casefold()) or len(set(lowered)) < 4:
        raise Refused(_("That password is too easy to guess. Choose another one"), "password")


def set_password(ctx: Context, user: User, password: str, *, keep_session: uuid.UUID | None = None) -> None:
    """Give *user* this password and sign every other browser out; records `person.password_set`.

    Raises Refused for one that is too short or too easy.
    """
    acceptable_password(password, user=user, email=queries.primary_email(ctx, user.id))
    store_password_hash(ctx, user, passwords.hashed(password))
    end_sessions(ctx, user, keep=keep_session)
    record(ctx, "person.password_set", user)


def store_password_hash(ctx: Context, user: User, hash: str) -> None:
    """Store a finished hash: for `set_password`, a raised cost, and the demo world's one shared password."""
    row = queries.password_of(ctx, user.id)
    if row is None:
        ctx.session.add(Password(provider_id=ctx.provider_id, user_id=user.id, hash=hash, changed_at=ctx.now))
    else:
        row.hash, row.changed_at = hash, ctx.now
    ctx.session.flush()


def check_password(ctx: Context, email: str, password: str) -> User | None:
    """The user whose address and password these are, or None. Always exactly one argon2 verification."""
    user = queries.user_by_email(ctx, email)
    stored = queries.password_of(ctx, user.id) if user else None
    right = passwords.matches(stored.hash if stored else None, password[:LONGEST_PASSWORD])
    if not (right and user and stored and user.ended_at is None):
        return None
    if passwords.outdated(stored.hash):
        stored.hash = passwords.hashed(password[:LONGEST_PASSWORD])
    return user


def start_session(ctx: Context, user: User, *, user_agent: str = "") -> str:
    """Sign *user* in on this browser; returns the new session's token for the cookie; records `session.started`."""
    token = secrets.token_urlsafe(32)
    row = BrowserSession(
        provider_id=ctx.provider_id, user_id=user.id, token_hash=queries.token_hash(token), created_at=ctx.now,
        last_seen_at=ctx.now, ip=ctx.ip[:64], user_agent=text.clean_line(user_agent)[:300],
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "session.started", row, user=str(user.id))
    return token


def end_session(ctx: Context, row: BrowserSession) -> None:
    """Sign one browser out, dead at once everywhere; records `session.ended`."""
    if row.ended_at is None:
        row.ended_at = ctx.now
        record(ctx, "session.ended", row)


def end_sessions(ctx: Context, user: User, *, keep: uuid.UUID | None = None) -> None:
    """Sign *user* out everywhere, but for the session *keep*."""
    statement = update(BrowserSession).where(BrowserSession.user_id == user.id, BrowserSession.ended_at.is_(None))
    if keep is not None:
        statement = statement.where(BrowserSession.id != keep)
    ctx.session.execute(statement.values(ended_at=ctx.now))


def invite(ctx: Context, user: User) -> None:
    """Send *user* a link to choose a password; an older link dies; records `person.invited` (notifications mail it).

    Raises Conflict for somebody who already has a password.
    """
    if queries.password_of(ctx, user.id) is not None:
        raise Conflict(_("%(name)s already signs in", name=user.name))
    tokens.revoke(ctx, INVITATION, user.id)
    token_id = tokens.issue(ctx, INVITATION, user.id, INVITATION_LASTS)
    user.invited_at = ctx.now
    record(ctx, "person.invited", user, token=str(token_id))


def withdraw_invitation(ctx: Context, user: User) -> None:
    """Make the invitation link useless; records `person.invitation_withdrawn`."""
    tokens.revoke(ctx, INVITATION, user.id)
    user.invited_at = None
    record(ctx, "person.invitation_withdrawn", user)


def ask_reset(ctx: Context, email: str) -> None:
    """Send a reset link if *email* belongs to somebody who may sign in; the caller answers the same either way."""
    user = queries.user_by_email(ctx, email)
    if user is None or user.ended_at is not None or queries.password_of(ctx, user.id) is None:
        return
    tokens.revoke(ctx, RESET, user.id)
    token_id = tokens.issue(ctx, RESET, user.id, RESET_LASTS)
    record(ctx, "person.reset_asked", user, token=str(token_id))


def redeem(ctx: Context, purpose: str, token: str, password: str) -> User:
    """Spend an invitation or reset link and set the password; verifies the address that the link was mailed to.

    Raises NotFound or Gone for the link, Refused for the password (then the link is still good).
    """
    row = tokens.find(ctx, purpose, token, spend=True)
    user = ctx.session.get(User, row.subject_id)
    if user is None or user.provider_id != ctx.provider_id or user.ended_at is not None:
        raise Conflict(_("Your access was ended. Ask your administrator."))
    set_password(ctx, user, password)
    for address in queries.addresses(ctx, user.id)[:1]:
        address.verified_at = address.verified_at or ctx.now
    return user


def end_person(ctx: Context, user: User) -> None:
    """End all access of *user* at the provider; their words stay; records `person.ended`."""
    user.ended_at = ctx.now
    end_sessions(ctx, user)
    tokens.revoke(ctx, INVITATION, user.id)
    tokens.revoke(ctx, RESET, user.id)
    record(ctx, "person.ended", user)
