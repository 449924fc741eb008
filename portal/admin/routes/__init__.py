"""The administration's pages. Reading needs PROVIDER_READ, changing PROVIDER_CONFIGURE; the actions ask again."""

from portal.admin.routes import (
    accounts,
    branding,
    environments,
    organizations,
    overview,
    people,
    request_types,
    settings,
    severity,
    staff,
    supply,
    wording,
)
from portal.admin.routes.blueprint import admin

__all__ = [
    "accounts",
    "admin",
    "branding",
    "environments",
    "organizations",
    "overview",
    "people",
    "request_types",
    "settings",
    "severity",
    "staff",
    "supply",
    "wording",
]
