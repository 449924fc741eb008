"""The blueprint of mail that arrives."""

from portal.authz.permissions import Permission
from portal.web.guards import FeatureBlueprint, requires

mail = FeatureBlueprint("mail", __name__, url_prefix="/admin")

sees = requires(Permission.MAIL_SEE)
reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONFIGURE)
