"""The pages of reports: one resource a module."""

from portal.reports.routes import overview
from portal.reports.routes.blueprint import reports

__all__ = ["overview", "reports"]
