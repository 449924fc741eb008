"""The blueprints: `cases` for clients, `desk` for staff, `form_builder` for the own fields of request types."""

from portal.web.guards import FeatureBlueprint

cases = FeatureBlueprint("cases", __name__)
desk = FeatureBlueprint("desk", __name__, url_prefix="/desk")
form_builder = FeatureBlueprint("form_builder", __name__, url_prefix="/admin/request-types")
