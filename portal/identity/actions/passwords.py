"""Writes about passwords."""

import uuid

from flask_babel import gettext as _

from portal.identity import passwords, queries
from portal.identity.actions.sessions import end_sessions
from portal.identity.actions.trusted_devices import forget_trusted_devices
from portal.identity.link_purposes import FACTOR_STEP, SIGN_IN, SIGN_IN_CODE
from portal.identity.models import Password, User
from portal.identity.policies import require_self
from portal.kernel import tokens
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200


def check_password_rules(ctx: Context, password: str, *, user: User, email: str) -> None:
    """Raise Refused unless *password* is long enough and hard to guess, also for who knows the person's name and
    address and the provider's name (NIST 800-63B)."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(_("Use at least %(n)d characters", n=SHORTEST_PASSWORD), "password")
    if len(password) > LONGEST_PASSWORD:
        raise Refused(_("Use at most %(n)d characters", n=LONGEST_PASSWORD), "password")
    own_words = [email, user.name, *((ctx.provider.name, ctx.provider.called) if ctx.provider else ())]
    if passwords.is_easy_to_guess(password, own_words):
        raise Refused(_("That password is too easy to guess. Choose another one"), "password")


def set_password(ctx: Context, user: User, password: str, *, keep_session: uuid.UUID | None = None) -> None:
    """Give *user* this password and sign other browsers out; records `person.password_set` (`first`: they had none).

    Raises Refused for one that is too short or too easy.
    """
    check_password_rules(ctx, password, user=user, email=queries.primary_email(ctx, user.id))
    first = queries.password_of(ctx, user.id) is None
    for purpose in (SIGN_IN, SIGN_IN_CODE, FACTOR_STEP):
        tokens.revoke_tokens(ctx, purpose, user.id)
    store_password_hash(ctx, user, passwords.hash_password(password))
    end_sessions(ctx, user, keep=keep_session)
    forget_trusted_devices(ctx, user)
    record(ctx, "person.password_set", user, first=first)


def store_password_hash(ctx: Context, user: User, hash: str) -> None:
    """Store a finished hash: for `set_password`, a raised cost, and the demo world's one shared password."""
    row = queries.password_of(ctx, user.id)
    if row is None:
        ctx.session.add(Password(provider_id=ctx.provider_id, user_id=user.id, hash=hash, changed_at=ctx.now))
    else:
        row.hash, row.changed_at = hash, ctx.now
    ctx.session.flush()


def knows_password(ctx: Context, user: User | None, password: str) -> bool:
    """Whether *password* is that of *user*: one argon2 verification in any case; a raised cost is stored."""
    # Also asked for nobody (an id that no row has), so that an unknown address costs what a known one does.
    stored = queries.password_of(ctx, user.id if user else ctx.provider_id)
    comparable = stored.hash if stored and len(password) <= LONGEST_PASSWORD else None
    if not passwords.verify_password(comparable, password[:LONGEST_PASSWORD]) or stored is None:
        return False
    if passwords.needs_rehash(stored.hash):
        stored.hash = passwords.hash_password(password)
    return True


def change_password(ctx: Context, user: User, *, current: str, new: str) -> None:
    """Replace one's own password and sign every other browser out; records `person.password_set`.

    Raises Refused for a wrong *current* or an unacceptable *new* one.
    """
    require_self(ctx, user)
    if not knows_password(ctx, user, current):
        raise Refused(_("That is not your current password"), "current")
    set_password(ctx, user, new, keep_session=ctx.session_id)
