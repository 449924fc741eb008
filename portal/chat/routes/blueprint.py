"""The blueprint of the pages of chats."""

from portal.web.guards import FeatureBlueprint

chat = FeatureBlueprint("chat", __name__)
