"""The blueprint of approvals."""

from portal.authz.permissions import Permission
from portal.web.guards import FeatureBlueprint, requires

approvals = FeatureBlueprint("approvals", __name__)
reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONFIGURE)
answers_cases = requires(Permission.CASE_ANSWER)
