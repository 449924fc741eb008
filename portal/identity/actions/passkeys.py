"""Writes about passkeys. Whether a browser's answer holds is checked before (`passkey_ceremonies`)."""

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from portal.identity import queries
from portal.identity.actions.factors import PASSKEY, check_factor_remains, give_first_codes, take_last_codes
from portal.identity.actions.trusted_devices import forget_trusted_devices
from portal.identity.factor_models import Passkey
from portal.identity.models import User
from portal.identity.policies import require_self
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system

MOST_PASSKEYS = 20


def add_passkey(
    ctx: Context,
    user: User,
    *,
    name: str,
    host: str,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    transports: Sequence[str],
) -> list[str]:
    """Let *user* use the passkey *credential_id* at *host*; records `person.factor_added`. Returns recovery codes if
    there were none. Raises Refused for one that is known, and beyond MOST_PASSKEYS."""
    require_self(ctx, user)
    if len(queries.own_factors(ctx).passkeys) >= MOST_PASSKEYS:
        raise Refused(_("You have %(n)d passkeys. Remove one first.", n=MOST_PASSKEYS))
    if find_passkey(ctx, credential_id) is not None:
        raise Refused(_("This passkey is in use already."))
    row = Passkey(
        provider_id=ctx.provider_id,
        user_id=user.id,
        name=text.clean_line(name)[:100] or _("Passkey"),
        host=host,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        transports=list(transports),
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "person.factor_added", user, factor=PASSKEY, name=row.name)
    return give_first_codes(ctx, user)


def find_passkey(ctx: Context, credential_id: bytes) -> Passkey | None:
    """The passkey of anybody here: whose it is, is what a sign-in finds out."""
    statement = select(Passkey).where(Passkey.provider_id == ctx.provider_id, Passkey.credential_id == credential_id)
    with as_system(ctx, with_own_rows=True) as system:
        return system.session.scalars(statement).one_or_none()


def note_use(ctx: Context, passkey: Passkey, sign_count: int) -> None:
    """Store that *passkey* was proved now; its person acts. The event of the sign-in says so."""
    passkey.sign_count, passkey.last_used_at = sign_count, ctx.now
    ctx.session.flush()


def rename_passkey(ctx: Context, user: User, passkey_id: uuid.UUID, name: str) -> None:
    """Give one's own passkey another name; records `person.passkey_renamed`. Raises NotFound for another person's."""
    require_self(ctx, user)
    row = queries.own_passkey(ctx, passkey_id)
    name = text.clean_line(name)[:100]
    if row.name != name:
        before, row.name = row.name, name
        ctx.session.flush()
        record(ctx, "person.passkey_renamed", user, name=[before, name])


def remove_passkey(ctx: Context, user: User, passkey_id: uuid.UUID, *, required: bool) -> None:
    """Remove one's own passkey; records `person.factor_removed`. Raises NotFound for another person's, Conflict where
    it is the last factor and *required*. With the last factor the recovery codes go too."""
    require_self(ctx, user)
    row = queries.own_passkey(ctx, passkey_id)
    factors = queries.own_factors(ctx)
    others = len(factors.passkeys) - 1 + (factors.authenticator is not None)
    check_factor_remains(required, others)
    ctx.session.delete(row)
    ctx.session.flush()
    forget_trusted_devices(ctx, user)
    record(ctx, "person.factor_removed", user, factor=PASSKEY, name=row.name)
    if not others:
        take_last_codes(ctx, user)
