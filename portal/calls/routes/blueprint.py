"""The blueprint of phone."""

from portal.authz.permissions import Permission
from portal.web.guards import FeatureBlueprint, requires

calls = FeatureBlueprint("calls", __name__)
configures = requires(Permission.PROVIDER_CONFIGURE)
