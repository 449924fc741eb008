"""The surface of phone in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.calls.actions.checks import require_check
from portal.calls.labels import HISTORY, history_line
from portal.calls.panels import call_panel, check_panel
from portal.calls.routes import calls
from portal.calls.routes.desk import is_worth_showing
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="calls",
    blueprints=[calls],
    navigation=[
        NavigationItem(
            "work",
            45,
            "calls",
            _l("Calls"),
            "/desk/calls",
            "phone",
            permission=Permission.CASE_READ,
            is_shown=is_worth_showing,
        ),
        NavigationItem("promises", 25, "phone", _l("Phone"), "/admin/phone", "phone"),
    ],
    panels={15: check_panel, 40: call_panel},
    preconditions={"close": [require_check], "resolve": [require_check]},
    history_lines=dict.fromkeys(HISTORY, history_line),
)
