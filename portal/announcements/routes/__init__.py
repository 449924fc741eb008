"""Pages of announcements: importing a module adds its routes."""

from portal.announcements.routes import desk, portal, readers, status  # noqa: F401 - views register themselves
from portal.announcements.routes.blueprint import announcements

__all__ = ["announcements"]
