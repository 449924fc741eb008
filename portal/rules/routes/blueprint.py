"""The blueprint of rules."""

from portal.authz.permissions import Permission
from portal.web.guards import FeatureBlueprint, requires

rules = FeatureBlueprint("rules", __name__)
reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONFIGURE)
