"""What tenants add to the product."""

from flask_babel import lazy_gettext as _l

from portal.tenants.routes import organization
from portal.tenants.routes.branding import branding
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="tenants",
    blueprints=[organization, branding],
    navigation=[
        NavigationItem("clients", 10, "organizations", _l("Organizations"), "/admin/organizations", "building"),
        NavigationItem("clients", 20, "accounts", _l("Accounts"), "/admin/accounts", "briefcase"),
        NavigationItem("clients", 30, "environments", _l("Environments"), "/admin/environments", "globe"),
        NavigationItem("team", 10, "staff", _l("Staff"), "/admin/staff", "users"),
        NavigationItem("team", 20, "departments", _l("Departments"), "/admin/departments", "merge"),
        NavigationItem("team", 30, "roles", _l("Roles"), "/admin/roles", "key"),
        NavigationItem("provider", 10, "settings", _l("Settings"), "/admin/settings", "settings"),
        NavigationItem("provider", 20, "branding", _l("Branding"), "/admin/branding", "image"),
        NavigationItem("provider", 30, "languages", _l("Languages and words"), "/admin/languages", "globe"),
    ],
)
