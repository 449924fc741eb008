"""The pages of phone."""

from portal.calls.routes import admin, checks, desk, portal
from portal.calls.routes.blueprint import calls

__all__ = ["admin", "calls", "checks", "desk", "portal"]
