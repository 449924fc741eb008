"""Pages of announcements: importing a module adds its routes."""

from portal.announcements.routes import (  # noqa: F401 - views register themselves
    desk,
    portal,
    readers,
    status,
    subscriptions,
)
from portal.announcements.routes.blueprint import announcements

__all__ = ["announcements"]
