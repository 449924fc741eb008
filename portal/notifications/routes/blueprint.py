"""The blueprint of notifications."""

from portal.web.guards import FeatureBlueprint

notifications = FeatureBlueprint("notifications", __name__)
