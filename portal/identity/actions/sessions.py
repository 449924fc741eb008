"""Writes about browsers that are signed in."""

import datetime as dt
import secrets
import uuid

from sqlalchemy import or_, update

from portal.identity import queries
from portal.identity.models import BrowserSession, User
from portal.identity.policies import require_self
from portal.kernel import retention, text
from portal.kernel.context import Context
from portal.kernel.events import record


def start_session(ctx: Context, user: User, *, user_agent: str = "", method: str = "password") -> str:
    """Sign *user* in on this browser; returns the new session's token for the cookie; records `session.started`."""
    token = secrets.token_urlsafe(32)
    row = BrowserSession(
        provider_id=ctx.provider_id,
        user_id=user.id,
        token_hash=queries.token_hash(token),
        created_at=ctx.now,
        last_seen_at=ctx.now,
        ip=ctx.ip[:64],
        user_agent=text.clean_line(user_agent)[:300],
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "session.started", row, user=str(user.id), method=method)
    return token


def mark_seen(ctx: Context, session_id: uuid.UUID) -> None:
    """Remember that this browser was here now; an observation, so no event."""
    statement = update(BrowserSession).where(BrowserSession.id == session_id, BrowserSession.last_seen_at < ctx.now)
    ctx.session.execute(statement.values(last_seen_at=ctx.now))


def end_session(ctx: Context, row: BrowserSession) -> None:
    """Sign one browser out with immediate effect; records `session.ended` (`elsewhere`: from another browser)."""
    if row.ended_at is None:
        row.ended_at = ctx.now
        record(ctx, "session.ended", row, user=str(row.user_id), elsewhere=row.id != ctx.session_id)


def end_sessions(ctx: Context, user: User, *, keep: uuid.UUID | None = None) -> None:
    """Sign *user* out everywhere, but for the session *keep*."""
    statement = update(BrowserSession).where(BrowserSession.user_id == user.id, BrowserSession.ended_at.is_(None))
    if keep is not None:
        statement = statement.where(BrowserSession.id != keep)
    ctx.session.execute(statement.values(ended_at=ctx.now))


def sign_out_elsewhere(ctx: Context, user: User) -> None:
    """End each of one's own sign-ins but this one with immediate effect; records `person.signed_out_elsewhere`."""
    require_self(ctx, user)
    end_sessions(ctx, user, keep=ctx.session_id)
    record(ctx, "person.signed_out_elsewhere", user)


def delete_old_sessions(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* sign-ins that ended, or were last used, before *before*; returns how many. The events that
    say who signed in stay."""
    over = or_(BrowserSession.ended_at < before, BrowserSession.last_seen_at < before)
    return retention.delete_rows(ctx, BrowserSession, limit, over)
