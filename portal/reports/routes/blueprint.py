"""The blueprint of reports."""

from portal.web.guards import FeatureBlueprint

reports = FeatureBlueprint("reports", __name__, url_prefix="/desk/reports")
