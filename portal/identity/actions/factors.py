"""Writes about second factors: the authenticator app and recovery codes."""

from flask_babel import gettext as _
from sqlalchemy import delete, update

from portal.authz.scopes import scope
from portal.identity import one_time_codes, queries
from portal.identity.actions.trusted_devices import forget_trusted_devices
from portal.identity.factor_models import Authenticator, Passkey, RecoveryCode
from portal.identity.models import User
from portal.identity.policies import require_self
from portal.kernel.context import Context
from portal.kernel.encryption import Undecryptable
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system

# What a factor is called in events and sessions.
APP, PASSKEY, RECOVERY = "app", "passkey", "recovery"


def add_authenticator(ctx: Context, user: User, secret: str, code: str) -> list[str]:
    """Use the app that holds *secret* as second factor of *user*, in place of another one; records
    `person.factor_added`. Returns new recovery codes if these are the first, else nothing.

    Raises Refused unless *code* is what the app shows.
    """
    require_self(ctx, user)
    step = one_time_codes.find_step(secret, one_time_codes.clean_code(code), ctx.now.timestamp())
    if step is None:
        raise Refused(_wrong_code(), "code")
    ctx.session.execute(delete(Authenticator).where(Authenticator.user_id == user.id))
    row = Authenticator(
        provider_id=ctx.provider_id,
        user_id=user.id,
        secret=one_time_codes.encrypt_secret(secret, user.id),
        created_at=ctx.now,
        last_used_at=ctx.now,
        last_step=step,
    )
    ctx.session.add(row)
    ctx.session.flush()
    forget_trusted_devices(ctx, user)
    record(ctx, "person.factor_added", user, factor=APP, name="")
    return give_first_codes(ctx, user)


def give_first_codes(ctx: Context, user: User) -> list[str]:
    """Recovery codes for somebody who has none; with codes left nothing changes."""
    return _replace_codes(ctx, user) if queries.own_factors(ctx).codes_left == 0 else []


def remove_authenticator(ctx: Context, user: User, *, required: bool) -> None:
    """Remove the app of *user*; records `person.factor_removed`. Raises Conflict where there is none, or it is the last
    factor and *required* (a rule asks for one). With the last factor the recovery codes go too."""
    require_self(ctx, user)
    factors = queries.own_factors(ctx)
    if factors.authenticator is None:
        raise Conflict(_("The authenticator app was removed already."))
    check_factor_remains(required, len(factors.passkeys))
    ctx.session.delete(factors.authenticator)
    forget_trusted_devices(ctx, user)
    record(ctx, "person.factor_removed", user, factor=APP, name="")
    if not factors.passkeys:
        take_last_codes(ctx, user)


def check_factor_remains(required: bool, others: int) -> None:
    """Raise Conflict if somebody who needs a second factor would have none: *others* are left."""
    if required and not others:
        raise Conflict(_("You need a second factor to sign in here. Add another one before you remove the last."))


def issue_recovery_codes(ctx: Context, user: User) -> list[str]:
    """A new set of recovery codes in place of the old one, to be shown once; records `person.recovery_codes_made`.

    Raises Conflict for somebody without a second factor: the codes stand in for one.
    """
    require_self(ctx, user)
    if not queries.has_own_factor(ctx):
        raise Conflict(
            _("Recovery codes replace a second device that you do not have with you. Set up a device first.")
        )
    codes = _replace_codes(ctx, user)
    record(ctx, "person.recovery_codes_made", user)
    return codes


def _replace_codes(ctx: Context, user: User) -> list[str]:
    take_last_codes(ctx, user)
    codes = one_time_codes.new_recovery_codes()
    ctx.session.add_all(
        RecoveryCode(
            provider_id=ctx.provider_id,
            user_id=user.id,
            hash=one_time_codes.hash_recovery_code(code, user.id),
            created_at=ctx.now,
        )
        for code in codes
    )
    ctx.session.flush()
    return codes


def use_code(ctx: Context, user: User, typed: str) -> str:
    """Use up the code *typed* of the app of *user*, or a recovery code; returns which (APP or RECOVERY).

    A code works once, also for two requests at the same moment. Records `person.recovery_code_used` (facts: left).
    Raises Refused for a wrong one.
    """
    require_self(ctx, user)
    code = one_time_codes.clean_code(typed)
    if _use_app_code(ctx, code):
        return APP
    spent = (
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.hash == one_time_codes.hash_recovery_code(code, user.id),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=ctx.now)
        .returning(RecoveryCode.id)
    )
    if ctx.session.scalar(spent) is None:
        raise Refused(_wrong_code(), "code")
    record(ctx, "person.recovery_code_used", user, left=queries.own_factors(ctx).codes_left)
    return RECOVERY


def is_recovery_code(typed: str) -> bool:
    """Whether *typed* has the length of a recovery code, and not that of an app's."""
    return len(one_time_codes.clean_code(typed)) > 6


def warn_of_wrong_codes(ctx: Context, user: User) -> None:
    """Tell *user* that somebody who got as far as the second step types wrong codes; records
    `person.codes_failed`."""
    record(ctx, "person.codes_failed", user)


def reset_factors(ctx: Context, user: User) -> bool:
    """Remove every second factor and recovery code of *user*, for somebody who lost them all; records
    `person.factors_reset`. Returns whether there was one. Callers have checked that they may."""
    gone = 0
    with as_system(ctx, with_own_rows=True) as system:
        for model in (Authenticator, Passkey, RecoveryCode):
            rows = delete(model).where(model.provider_id == ctx.provider_id, model.user_id == user.id)
            gone += len(system.session.scalars(rows.returning(model.id)).all())
    forget_trusted_devices(ctx, user)
    if gone:
        record(ctx, "person.factors_reset", user)
    return gone > 0


def _use_app_code(ctx: Context, code: str) -> bool:
    # Read again: the page has read the row before another request used the code up.
    own = scope(ctx.actor, Authenticator).with_for_update().execution_options(populate_existing=True)
    row = ctx.session.scalars(own).one_or_none()
    if row is None:
        return False
    try:
        secret = one_time_codes.decrypt_secret(row.secret, row.user_id)
    except Undecryptable:  # another SECRET_KEY: a recovery code still works
        return False
    step = one_time_codes.find_step(secret, code, ctx.now.timestamp(), after=row.last_step)
    if step is None:
        return False
    row.last_step, row.last_used_at = step, ctx.now
    return True


def take_last_codes(ctx: Context, user: User) -> None:
    """Delete the recovery codes of *user*."""
    ctx.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _wrong_code() -> str:
    return _("That code is not right. Type the one that the app shows now")
