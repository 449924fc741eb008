"""Routes of SCIM."""

from portal.scim.routes import protocol, roles, tokens
from portal.scim.routes.blueprint import scim

__all__ = ["protocol", "roles", "scim", "tokens"]
