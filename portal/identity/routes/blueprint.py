"""The blueprint of sign-in and of /me."""

from portal.web.guards import FeatureBlueprint

identity = FeatureBlueprint("identity", __name__)
