"""What people see of promises. Each module adds its views to the blueprint."""

from portal.sla.routes import (
    assignments,
    boards,
    breaches,
    calendars,
    disputes,
    escalation,
    policies,
    reports,
    runs,
    support,
    updates,
)
from portal.sla.routes.blueprint import promises

__all__ = [
    "assignments",
    "boards",
    "breaches",
    "calendars",
    "disputes",
    "escalation",
    "policies",
    "promises",
    "reports",
    "runs",
    "support",
    "updates",
]
