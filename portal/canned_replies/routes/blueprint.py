"""The blueprint of canned replies."""

from portal.authz.permissions import Permission
from portal.web.guards import FeatureBlueprint, requires

canned_replies = FeatureBlueprint("canned_replies", __name__)

answers = requires(Permission.CASE_ANSWER)
shares = requires(Permission.CANNED_REPLY_SHARE)
