"""The surface of rules in the product."""

from flask_babel import lazy_gettext as _l

from portal.rules import labels
from portal.rules.jobs import JOB
from portal.rules.queries.firings import delete_old_firings
from portal.rules.routes import rules
from portal.rules.rules import EVENT
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="rules",
    blueprints=[rules],
    navigation=[NavigationItem("design", 46, "rules", _l("Rules"), "/admin/rules", "bolt")],
    history_lines={EVENT: labels.history_line},
    timeline_lines={EVENT: labels.timeline_line},
    retention={"rule_log": delete_old_firings},
    periodic_jobs={JOB: 60},
)
