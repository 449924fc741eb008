"""Writes about browsers that are signed in."""

import datetime as dt
import secrets
import uuid

from sqlalchemy import or_, update

from portal.identity import queries
from portal.identity.actions.trusted_devices import TRUSTED, forget_trusted_devices
from portal.identity.models import BrowserSession, User
from portal.identity.policies import require_self
from portal.kernel import retention, text
from portal.kernel.context import Context
from portal.kernel.events import record


def start_session(
    ctx: Context,
    user: User,
    *,
    user_agent: str = "",
    method: str = "password",
    factor: str = "",
    outside_sid: str = "",
    in_new_browser: bool = False,
) -> str:
    """Sign *user* in on this browser; returns the new session's token for the cookie; records `session.started` (facts:
    method, and the second factor, '' for none).

    *outside_sid*: the session at the identity provider, where the person came from one.

    *in_new_browser*: nobody has seen this person in this browser before. Unless it is the very first, this records
    `person.new_device`, and the person is mailed.
    """
    token = secrets.token_urlsafe(32)
    row = BrowserSession(
        provider_id=ctx.provider_id,
        user_id=user.id,
        token_hash=queries.token_hash(token),
        created_at=ctx.now,
        last_seen_at=ctx.now,
        # In a trusted browser only the password was proved: a sensitive change asks for the second factor.
        proved_at=None if factor == TRUSTED else ctx.now,
        ip=ctx.ip[:64],
        user_agent=text.clean_line(user_agent)[:300],
        method=method[:40],
        outside_sid=outside_sid[:255],
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "session.started", row, user=str(user.id), method=method, factor=factor)
    if in_new_browser and queries.has_other_session(ctx, row):
        record(ctx, "person.new_device", user, session=str(row.id))
    return token


def mark_seen(ctx: Context, session_id: uuid.UUID) -> None:
    """Remember that this browser was here now; an observation, so no event."""
    statement = update(BrowserSession).where(BrowserSession.id == session_id, BrowserSession.last_seen_at < ctx.now)
    ctx.session.execute(statement.values(last_seen_at=ctx.now))


def mark_proved(ctx: Context) -> None:
    """Note that the acting person proved who they are in this browser now; records `session.proved`."""
    row = queries.own_session(ctx, ctx.session_id)
    row.proved_at = ctx.now
    record(ctx, "session.proved", row, user=str(row.user_id))


def end_session(ctx: Context, row: BrowserSession) -> None:
    """Sign one browser out with immediate effect; records `session.ended` (`elsewhere`: from another browser)."""
    if row.ended_at is None:
        row.ended_at = ctx.now
        record(ctx, "session.ended", row, user=str(row.user_id), elsewhere=row.id != ctx.session_id)


def end_sessions(
    ctx: Context,
    user: User,
    *,
    keep: uuid.UUID | None = None,
    method: str = "",
    except_method: str = "",
    outside_sid: str = "",
) -> None:
    """Sign *user* out everywhere, but for the session *keep*; with *method* only where they signed in by it, with
    *except_method* only where they did not; with *outside_sid* only where they came from that session at the identity
    provider, or from one that it did not name."""
    statement = update(BrowserSession).where(BrowserSession.user_id == user.id, BrowserSession.ended_at.is_(None))
    if method:
        statement = statement.where(BrowserSession.method == method)
    if except_method:
        statement = statement.where(BrowserSession.method != except_method)
    if outside_sid:
        statement = statement.where(BrowserSession.outside_sid.in_((outside_sid, "")))
    if keep is not None:
        statement = statement.where(BrowserSession.id != keep)
    ctx.session.execute(statement.values(ended_at=ctx.now))


def sign_out_elsewhere(ctx: Context, user: User) -> None:
    """End each of one's own sign-ins but this one with immediate effect; records `person.signed_out_elsewhere`."""
    require_self(ctx, user)
    end_sessions(ctx, user, keep=ctx.session_id)
    forget_trusted_devices(ctx, user)
    record(ctx, "person.signed_out_elsewhere", user)


def delete_old_sessions(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* sign-ins that ended, or were last used, before *before*; returns how many. The events that
    say who signed in stay."""
    over = or_(BrowserSession.ended_at < before, BrowserSession.last_seen_at < before)
    return retention.delete_rows(ctx, BrowserSession, limit, over)
