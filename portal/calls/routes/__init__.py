"""The pages of phone."""

from portal.calls.routes import admin, checks, desk, incoming_calls, portal, telephone_events, telephone_systems
from portal.calls.routes.blueprint import calls

__all__ = [
    "admin",
    "calls",
    "checks",
    "desk",
    "incoming_calls",
    "portal",
    "telephone_events",
    "telephone_systems",
]
