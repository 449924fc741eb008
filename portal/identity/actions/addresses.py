"""Correcting the address of a person. Who signs in proves the new one by a mailed link before the old one goes."""

import datetime as dt
from enum import StrEnum

from flask_babel import gettext as _

from portal.identity import queries
from portal.identity.actions.links import find_link_owner, invite
from portal.identity.actions.sessions import end_sessions
from portal.identity.link_purposes import EMAIL_CHANGE, INVITATION, RESET, SIGN_IN, SIGN_IN_CODE
from portal.identity.models import Address, User
from portal.kernel import tokens
from portal.kernel.actor import Actor, Side
from portal.kernel.context import Context
from portal.kernel.errors import Gone, Refused
from portal.kernel.events import record
from portal.kernel.system_context import act_as

EMAIL_CHANGE_LASTS = dt.timedelta(days=7)


class AddressFate(StrEnum):
    """What became of a corrected address."""

    SAME = "same"
    CHANGED = "changed"
    # A link was mailed to the new address; until it is used everything stays.
    ASKED = "asked"


def correct_address(ctx: Context, user: User, email: str) -> AddressFate:
    """Give *user* the address *email* in place of the one that mail goes to.

    Who has no password has proved nothing yet: the address changes at once, an open invitation goes to the new one, and
    where somebody else holds it the user claims it (docs/decisions/0020-claimed-addresses.md); records
    `person.email_changed`. Everybody else gets a link at the new address, and a notice at the old one; records
    `person.email_change_asked`. Callers have checked that they may, and hold the lock of the address.
    """
    address = next(iter(queries.addresses(ctx, user.id)), None)
    if address is not None and address.email_folded == email.casefold():
        _withdraw(ctx, user)
        address.email = email
        return AddressFate.SAME
    if queries.password_of(ctx, user.id) is not None:
        _withdraw(ctx, user)
        user.new_email = email
        token_id = tokens.issue_token(ctx, EMAIL_CHANGE, user.id, EMAIL_CHANGE_LASTS)
        record(ctx, "person.email_change_asked", user, token=str(token_id), email=email)
        return AddressFate.ASKED
    _replace(ctx, user, address, email)
    if user.invited_at is not None:
        invite(ctx, user)
    return AddressFate.CHANGED


def confirm_address(ctx: Context, token: str) -> User:
    """Spend the link *token*: its person has the new address from now on, proved. Nobody is signed in; links that went
    to the old address die. Records `person.email_changed`. Raises NotFound or Gone for the link, Refused where the
    address has a holder by now."""
    user = find_link_owner(ctx, EMAIL_CHANGE, token)
    holder = queries.user_by_email(ctx, user.new_email)
    if not user.new_email:
        raise Gone
    if holder is not None and holder.id != user.id:
        raise Refused(_("This address belongs to somebody else here. Ask support."))
    tokens.load_live_token(ctx, EMAIL_CHANGE, token, spend=True)
    act_as(ctx, Actor(Side.NOBODY, ctx.provider_id, user.id, user.name))
    for purpose in (RESET, SIGN_IN, SIGN_IN_CODE):
        tokens.revoke_tokens(ctx, purpose, user.id)
    email, user.new_email = user.new_email, ""
    address = _replace(ctx, user, next(iter(queries.addresses(ctx, user.id)), None), email)
    address.verified_at = ctx.now
    return user


def prove_address(ctx: Context, user: User, email: str) -> bool:
    """Note that *user*, who holds *email*, proved it. Where nobody had proved it before, whoever registered it may be
    somebody else: their password, sessions and links end. Returns whether that was so; then `person.address_proved` is
    recorded."""
    address = next(row for row in queries.addresses(ctx, user.id) if row.email_folded == email.casefold())
    if address.verified_at is not None:
        return False
    address.verified_at, address.bounced_at = ctx.now, None
    stored = queries.password_of(ctx, user.id)
    if stored is not None:
        ctx.session.delete(stored)
    end_sessions(ctx, user)
    _withdraw(ctx, user)
    for purpose in (RESET, SIGN_IN, INVITATION):
        tokens.revoke_tokens(ctx, purpose, user.id)
    ctx.session.flush()
    if user.created_at != ctx.now:
        record(ctx, "person.address_proved", user, email=email, had_password=stored is not None)
    return True


def release_address(ctx: Context, user: User, email: str) -> None:
    """Take the address *email* from *user*, because it belongs to somebody else now; records `person.email_changed`.
    Callers have checked that they may."""
    for address in queries.addresses(ctx, user.id):
        if address.email_folded == email.casefold():
            ctx.session.delete(address)
    ctx.session.flush()
    record(ctx, "person.email_changed", user, email=[email, ""])


def _withdraw(ctx: Context, user: User) -> None:
    """Forget an address that was not proved yet."""
    if user.new_email:
        tokens.revoke_tokens(ctx, EMAIL_CHANGE, user.id)
        user.new_email = ""


def _replace(ctx: Context, user: User, address: Address | None, email: str) -> Address:
    """Write *email* over *address*, or add it; records `person.email_changed` with both."""
    before = address.email if address is not None else ""
    holder = queries.user_by_email(ctx, email)
    if address is None:
        address = Address(provider_id=ctx.provider_id, user_id=user.id)
        ctx.session.add(address)
    address.email, address.email_folded = email, email.casefold()
    address.verified_at = address.bounced_at = None
    address.claimed = holder is not None and holder.id != user.id
    ctx.session.flush()
    record(ctx, "person.email_changed", user, email=[before, email])
    return address
