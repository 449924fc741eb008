"""The surface of worked time in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.time_entries import labels, panels
from portal.time_entries.routes import time_entries
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="time_entries",
    blueprints=[time_entries],
    navigation=[
        NavigationItem(
            *("more", 52, "time", _l("Worked time"), "/desk/time", "clock", Permission.TIME_REVIEW),
            is_shown=panels.records_time,
        )
    ],
    panels={9: panels.time_panel},
    history_lines=dict.fromkeys(labels.EVENTS, labels.history_line),
)
