"""The organization's own pages on the portal: its people, environments and sharing rules."""

from portal.tenants.routes import contacts, environments, overview, sharing  # noqa: F401 - views register themselves
from portal.tenants.routes.blueprint import organization

__all__ = ["organization"]
