"""The surface of promises (SLA) in the product."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.kernel.gauges import ProviderGauge
from portal.sla import panels
from portal.sla.actions import breaches
from portal.sla.labels import names
from portal.sla.queries.promise_counts import PROMISE_STATES, count_promises
from portal.sla.routes import promises
from portal.web.feature import Feature, NavigationItem
from portal.web.tabs import Tab

FEATURE = Feature(
    name="sla",
    blueprints=[promises],
    navigation=[
        NavigationItem("work", 10, "monitor", _l("Monitor"), "/desk/monitor", "clock"),
        NavigationItem("work", 20, "escalations", _l("Escalations"), "/desk/escalations", "escalate"),
        NavigationItem("more", 50, "reports", _l("Reports"), "/desk/reports/sla", "chart", section="/desk/reports/"),
        NavigationItem("promises", 10, "sla-policies", _l("SLA policies"), "/admin/sla-policies", "clock"),
        NavigationItem("promises", 20, "calendars", _l("Support hours"), "/admin/calendars", "s-on_hold"),
        NavigationItem(
            "promises", 30, "escalation-rules", _l("Escalation rules"), "/admin/escalation-rules", "escalate"
        ),
    ],
    panels={10: panels.next_update_panel, 30: panels.clocks_panel},
    slots={
        "form": [panels.promise_beside_form],
        "home": [panels.home_panel],
        "print": [panels.printed_panel],
        "verb": [panels.verb_panel],
    },
    columns=[panels.promise_column],
    views=panels.VIEWS,
    tabs={
        "organization": [Tab(lambda: _("Support agreement"), "/sla")],
        "account": [Tab(lambda: _("SLA"), "/sla"), Tab(lambda: _("Calendars"), "/calendars")],
    },
    gauges={
        "parley_promises": ProviderGauge(
            "Clocks of promises that have not stopped: in time, late, or paused.", PROMISE_STATES, count_promises
        ),
    },
    history_lines=dict.fromkeys(names.HISTORY, names.history_line),
    preconditions={"close": [breaches.require_breach_reason], "resolve": [breaches.require_breach_reason]},
)
