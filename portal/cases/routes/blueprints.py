"""The blueprints of the two sides: `cases` for clients, `desk` for staff."""

from portal.web.guards import FeatureBlueprint

cases = FeatureBlueprint("cases", __name__)
desk = FeatureBlueprint("desk", __name__, url_prefix="/desk")
