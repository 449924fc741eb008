"""The blueprint of registrations."""

from portal.web.guards import FeatureBlueprint

registrations = FeatureBlueprint("registrations", __name__)
