"""The surface of announcements in the product."""

from flask_babel import lazy_gettext as _l

from portal.announcements.panels import form_banner, home_banner, is_worth_showing, workaround_link
from portal.announcements.routes import announcements
from portal.authz.permissions import Permission
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="announcements",
    blueprints=[announcements],
    navigation=[
        NavigationItem(
            "more",
            50,
            "announcements",
            _l("Announcements"),
            "/desk/announcements",
            "megaphone",
            permission=Permission.DESK_USE,
            is_shown=is_worth_showing,
        ),
        NavigationItem(
            *("provider", 45, "admin-status-page", _l("Status page"), "/admin/status-page", "warning"),
            permission=Permission.PROVIDER_CONFIGURE,
        ),
    ],
    slots={"home": [home_banner], "form": [form_banner], "verb": [workaround_link]},
)
