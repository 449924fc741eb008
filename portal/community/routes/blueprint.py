"""The blueprint of the community, and who may call its views."""

from portal.authz.permissions import Permission
from portal.web.guards import FeatureBlueprint, requires

community = FeatureBlueprint("community", __name__)

reads = requires(Permission.COMMUNITY_READ)
answers = requires(Permission.COMMUNITY_ANSWER)
moderates = requires(Permission.COMMUNITY_MODERATE)
