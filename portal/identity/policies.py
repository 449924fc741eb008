"""Which people and sign-ins an actor may see as such. Names inside a case come with the case."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.identity.factor_models import Authenticator, Passkey, RecoveryCode, TrustedDevice
from portal.identity.models import Address, BrowserSession, LinkRequest, Password, UnsentForm, User
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden


def own_sessions(actor: Actor) -> "Select[Any]":
    """One's own only, on either side."""
    return select(BrowserSession).where(
        BrowserSession.provider_id == actor.provider_id, BrowserSession.user_id == actor.user_id
    )


def own_password(actor: Actor) -> "Select[Any]":
    return select(Password).where(Password.provider_id == actor.provider_id, Password.user_id == actor.user_id)


def visible_link_requests(actor: Actor) -> "Select[Any]":
    """Nobody's but the worker's."""
    rows = select(LinkRequest).where(LinkRequest.provider_id == actor.provider_id)
    return rows if actor.is_system else scopes.select_nothing(rows)


def visible_users(actor: Actor) -> "Select[Any]":
    """Staff: the people of the provider. A contact: oneself (others are seen as contacts of the organization)."""
    people = select(User).where(User.provider_id == actor.provider_id)
    return people if actor.is_staff or actor.is_system else people.where(User.id == actor.user_id)


def visible_addresses(actor: Actor) -> "Select[Any]":
    addresses = select(Address).where(Address.provider_id == actor.provider_id)
    return addresses if actor.is_staff or actor.is_system else addresses.where(Address.user_id == actor.user_id)


def own_unsent_forms(actor: Actor) -> "Select[Any]":
    """One's own only, on either side."""
    return select(UnsentForm).where(UnsentForm.provider_id == actor.provider_id, UnsentForm.user_id == actor.user_id)


def own_authenticators(actor: Actor) -> "Select[Any]":
    """One's own only, on either side."""
    return select(Authenticator).where(
        Authenticator.provider_id == actor.provider_id, Authenticator.user_id == actor.user_id
    )


def own_recovery_codes(actor: Actor) -> "Select[Any]":
    """One's own only, on either side."""
    return select(RecoveryCode).where(
        RecoveryCode.provider_id == actor.provider_id, RecoveryCode.user_id == actor.user_id
    )


def own_passkeys(actor: Actor) -> "Select[Any]":
    """One's own only, on either side."""
    return select(Passkey).where(Passkey.provider_id == actor.provider_id, Passkey.user_id == actor.user_id)


def own_trusted_devices(actor: Actor) -> "Select[Any]":
    """One's own only, on either side."""
    return select(TrustedDevice).where(
        TrustedDevice.provider_id == actor.provider_id, TrustedDevice.user_id == actor.user_id
    )


def require_self(ctx: Context, user: User) -> None:
    """Raise Forbidden unless *user* is the person who acts: nobody changes these things for somebody else."""
    if ctx.actor.user_id != user.id:
        raise Forbidden


scopes.register_scope(UnsentForm, own_unsent_forms)
scopes.register_scope(BrowserSession, own_sessions)
scopes.register_scope(Password, own_password)
scopes.register_scope(LinkRequest, visible_link_requests)
scopes.register_scope(User, visible_users)
scopes.register_scope(Address, visible_addresses)
scopes.register_scope(Authenticator, own_authenticators)
scopes.register_scope(RecoveryCode, own_recovery_codes)
scopes.register_scope(Passkey, own_passkeys)
scopes.register_scope(TrustedDevice, own_trusted_devices)
