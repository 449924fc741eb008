"""What people see of promises. Each module adds its views to the blueprint."""

from portal.sla.routes import agreed, boards, calendars, cases, policies, reports, rules, runs, support
from portal.sla.routes.blueprint import promises

__all__ = ["agreed", "boards", "calendars", "cases", "policies", "promises", "reports", "rules", "runs", "support"]
