"""The surface of phone in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.calls.actions.checks import require_check
from portal.calls.actions.incoming_calls import delete_old_incoming_calls
from portal.calls.labels import HISTORY, history_line
from portal.calls.panels import call_panel, check_panel
from portal.calls.queries.call_backs import waiting_count
from portal.calls.queries.incoming_calls import ringing_count
from portal.calls.routes import calls
from portal.calls.routes.desk import is_worth_showing
from portal.calls.routes.incoming_calls import has_use_for_extension
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
    counts={"calls": waiting_count, "ringing": ringing_count},
    own_pages={"calls.extension": has_use_for_extension},
    retention={"incoming_calls": delete_old_incoming_calls},
    panels={15: check_panel, 40: call_panel},
    preconditions={"close": [require_check], "resolve": [require_check]},
    history_lines=dict.fromkeys(HISTORY, history_line),
)
