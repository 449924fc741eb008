"""The surface of the administration in the product."""

from flask_babel import lazy_gettext as _l

from portal.admin.get_started import first_page
from portal.admin.routes import admin
from portal.authz.permissions import Permission
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="admin",
    blueprints=[admin],
    first_page=first_page,
    navigation=[
        NavigationItem("provider", 40, "mail", _l("Email"), "/admin/mail", "mail", Permission.MAIL_SEE),
        NavigationItem("provider", 50, "jobs", _l("Jobs"), "/admin/jobs", "refresh", Permission.PROVIDER_CONFIGURE),
    ],
)
