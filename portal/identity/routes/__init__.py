"""Signing in, what mailed links lead to, and the person's own pages under /me."""

from portal.identity.routes import (  # noqa: F401 - views register themselves
    address_changes,
    factor_steps,
    factors,
    invitations,
    passkeys,
    password_resets,
    passwords,
    preferences,
    profile,
    proof,
    registration,
    sessions,
    sign_in,
    sign_in_links,
    unsent,
)
from portal.identity.routes.blueprint import identity

__all__ = ["identity"]
