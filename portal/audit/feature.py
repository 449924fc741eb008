"""The surface of audit in the product."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.audit.actions import delete_old
from portal.audit.routes import audit, organization_audit
from portal.authz.permissions import Permission
from portal.web.feature import Feature, NavigationItem
from portal.web.tabs import Tab

FEATURE = Feature(
    name="audit",
    blueprints=[audit, organization_audit],
    navigation=[
        NavigationItem(
            "provider", 45, "security", _l("Security events"), "/admin/security", "shield", Permission.SECURITY_SEE
        ),
    ],
    tabs={"organization": [Tab(lambda: _("Access log"), "/audit")]},
    retention={"staff_access": delete_old},
)
