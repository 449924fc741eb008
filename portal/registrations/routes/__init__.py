"""Routes of registrations."""

from portal.registrations.routes import own, portal, provider
from portal.registrations.routes.blueprint import registrations

__all__ = ["own", "portal", "provider", "registrations"]
