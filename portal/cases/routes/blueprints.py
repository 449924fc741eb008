"""The blueprints of the two sides: `cases` for clients, `desk` for staff."""

from portal.web.guards import Feature

cases = Feature("cases", __name__)
desk = Feature("desk", __name__, url_prefix="/desk")
