"""The surface of the community in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.community.pages import COMMUNITY_DRAFTS
from portal.community.queries.spaces import has_spaces
from portal.community.routes import community
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="community",
    blueprints=[community],
    drafts=COMMUNITY_DRAFTS,
    navigation=[
        NavigationItem(
            *("more", 52, "community", _l("Community"), "/desk/community", "chat"),
            permission=Permission.COMMUNITY_READ,
            is_shown=has_spaces,
        ),
        NavigationItem(
            *("provider", 40, "admin-community", _l("Community"), "/admin/community", "chat"),
            permission=Permission.PROVIDER_CONFIGURE,
        ),
    ],
)
