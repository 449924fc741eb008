"""The blueprint of announcements."""

from portal.web.guards import FeatureBlueprint

announcements = FeatureBlueprint("announcements", __name__)
