"""What people see of promises. Each module adds its views to the blueprint."""

from portal.sla.routes import assignments, boards, calendars, disputes, escalation, policies, reports, runs, support
from portal.sla.routes.blueprint import promises

__all__ = [
    "assignments",
    "boards",
    "calendars",
    "disputes",
    "escalation",
    "policies",
    "promises",
    "reports",
    "runs",
    "support",
]
