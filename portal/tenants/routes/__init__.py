"""The organization's own pages on the portal: its people, environments and sharing rules."""

from portal.tenants.routes import (  # noqa: F401 - views register themselves
    contacts,
    environments,
    overview,
    person_details,
    reporting_lines,
    sharing,
)
from portal.tenants.routes.blueprint import organization

__all__ = ["organization"]
