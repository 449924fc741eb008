"""The blueprints of mail that arrives, and how their pages load a mail."""

import uuid

from portal.authz.permissions import Permission
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries import log
from portal.web.current import ctx
from portal.web.guards import FeatureBlueprint, requires
from portal.web.shown_cases import remember_shown_case

mail = FeatureBlueprint("mail", __name__, url_prefix="/admin")
case_mail = FeatureBlueprint("case_mail", __name__, url_prefix="/desk")
# Under the addresses of cases on the portal.
portal_mail = FeatureBlueprint("portal_mail", __name__)

sees = requires(Permission.MAIL_SEE)
reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONNECT)


def load_shown_mail(inbound_id: uuid.UUID) -> InboundMail:
    """The mail whose words a page shows; NotFound for one that the actor may not see. If it belongs to a case, the page
    shows words of this case."""
    row = log.inbound_mail(ctx(), inbound_id)
    remember_shown_case(row.case_id)
    return row
