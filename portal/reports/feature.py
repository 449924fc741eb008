"""The surface of reports in the product: their entry in the menu is that of the report of promises."""

from portal.reports.routes import reports
from portal.web.feature import Feature

FEATURE = Feature(name="reports", blueprints=[reports])
