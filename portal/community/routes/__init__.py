"""Pages of the community: importing a module adds its routes."""

from portal.community.routes import admin, desk, moderation, portal, posts  # noqa: F401 - views register themselves
from portal.community.routes.blueprint import community

__all__ = ["community"]
