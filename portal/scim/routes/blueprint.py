"""The blueprint of SCIM."""

from portal.authz.permissions import Permission
from portal.web.guards import FeatureBlueprint, requires

scim = FeatureBlueprint("scim", __name__)
reads = requires(Permission.PROVIDER_READ)
connects = requires(Permission.PROVIDER_CONNECT)
