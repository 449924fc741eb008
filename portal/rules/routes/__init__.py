"""The pages of rules."""

from portal.rules.routes import case_rules
from portal.rules.routes.blueprint import rules

__all__ = ["case_rules", "rules"]
