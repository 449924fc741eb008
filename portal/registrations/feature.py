"""The surface of registrations in the product."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.identity.registration_rules import RegistrationRules
from portal.registrations.queries import find_mode, is_offered, may_anybody_wait, may_have_waiting
from portal.registrations.routes import registrations
from portal.web.feature import Feature, NavigationItem
from portal.web.tabs import Tab

FEATURE = Feature(
    name="registrations",
    blueprints=[registrations],
    navigation=[
        NavigationItem(
            *("clients", 30, "registrations", _l("Registrations"), "/admin/registrations", "users"),
            is_shown=may_anybody_wait,
        )
    ],
    tabs={"organization": [Tab(lambda: _("Who waits"), "/people/waiting", may_have_waiting)]},
    registration_rules=RegistrationRules(is_offered, find_mode),
)
