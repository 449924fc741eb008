"""The surface of approvals in the product."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals import labels, panels
from portal.approvals.queries.requests import to_answer_count
from portal.approvals.routes import approvals
from portal.approvals.rules import EVENTS
from portal.web.feature import Feature, NavigationItem
from portal.web.tabs import Tab

FEATURE = Feature(
    name="approvals",
    blueprints=[approvals],
    navigation=[NavigationItem("design", 45, "approvals", _l("Approvals"), "/admin/approvals", "shield")],
    panels={5: panels.approval_panel},
    slots={"form": [panels.approval_beside_form]},
    columns=[panels.approval_column],
    views=[panels.WAITING],
    counts={"to_approve": to_answer_count},
    case_tabs=[panels.TO_APPROVE],
    tabs={"organization": [Tab(lambda: _("Approvals"), "/approvals", panels.has_rules)]},
    history_lines=dict.fromkeys(EVENTS, labels.history_line),
    timeline_lines=dict.fromkeys(EVENTS, labels.timeline_line),
)
