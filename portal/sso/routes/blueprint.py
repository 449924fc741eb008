"""The blueprint of single sign-on."""

from portal.authz.permissions import Permission
from portal.web.guards import FeatureBlueprint, requires

sso = FeatureBlueprint("sso", __name__)

reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONNECT)
