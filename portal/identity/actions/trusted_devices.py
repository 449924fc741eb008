"""Writes about browsers in which a second factor is not asked for, because it was proved there a short time ago."""

import datetime as dt

from sqlalchemy import delete

from portal.identity import queries
from portal.identity.factor_models import TrustedDevice
from portal.identity.models import User
from portal.identity.policies import require_self
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.kernel.system_context import as_system

TRUST_LASTS = dt.timedelta(days=30)
MOST_DEVICES = 10
# How a session says that the browser was trusted, in place of a factor.
TRUSTED = "trusted"


def trust_device(ctx: Context, user: User, nonce: str, *, user_agent: str = "") -> TrustedDevice:
    """Ask for no second factor of *user* for TRUST_LASTS in the browser whose random word is *nonce*; records
    `person.device_trusted`. Beyond MOST_DEVICES the oldest trust ends."""
    require_self(ctx, user)
    ctx.session.execute(
        delete(TrustedDevice).where(TrustedDevice.user_id == user.id, TrustedDevice.expires_at <= ctx.now)
    )
    known = queries.find_trusted_device(ctx, nonce)
    for row in queries.own_trusted_devices(ctx)[MOST_DEVICES - 1 :]:
        if row is not known:
            ctx.session.delete(row)
    row = known or TrustedDevice(
        provider_id=ctx.provider_id, user_id=user.id, nonce_hash=queries.token_hash(nonce), created_at=ctx.now
    )
    row.expires_at, row.ip = ctx.now + TRUST_LASTS, ctx.ip[:64]
    row.user_agent = text.clean_line(user_agent)[:300]
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "person.device_trusted", user, device=str(row.id))
    return row


def note_trusted_use(ctx: Context, row: TrustedDevice) -> None:
    """Store that the person signs in in that browser now; the event of the sign-in says so."""
    row.last_used_at = ctx.now
    ctx.session.flush()


def end_trust(ctx: Context, user: User, row: TrustedDevice) -> None:
    """Ask for the second factor of *user* in that browser again; records `person.device_trust_ended`."""
    require_self(ctx, user)
    ctx.session.delete(row)
    ctx.session.flush()
    record(ctx, "person.device_trust_ended", user)


def forget_trusted_devices(ctx: Context, user: User) -> None:
    """Ask for the second factor of *user* in every browser again: their password, their factors or their access
    changed. Callers have checked that they may."""
    with as_system(ctx, with_own_rows=True) as system:
        rows = delete(TrustedDevice).where(
            TrustedDevice.provider_id == ctx.provider_id, TrustedDevice.user_id == user.id
        )
        system.session.execute(rows.execution_options(synchronize_session=False))
