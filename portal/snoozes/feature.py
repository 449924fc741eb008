"""The surface of snoozes in the product."""

from portal.snoozes import labels, panels
from portal.snoozes.policies import is_set_aside
from portal.snoozes.routes import snoozes
from portal.web.feature import Feature

FEATURE = Feature(
    name="snoozes",
    blueprints=[snoozes],
    panels={7: panels.snooze_panel},
    views=[panels.SNOOZED],
    set_aside=is_set_aside,
    row_marks=[panels.woken_marks],
    bulk_pages={"snooze": "/desk/snooze"},
    history_lines=dict.fromkeys(labels.EVENTS, labels.history_line),
    timeline_lines=dict.fromkeys(labels.EVENTS, labels.timeline_line),
)
