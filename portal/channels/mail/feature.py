"""The surface of mail that arrives in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.channels.mail.actions.sending import find_transport
from portal.channels.mail.queries.mailboxes import reads_mail
from portal.channels.mail.routes import mail
from portal.channels.mail.rules import POLL_JOB
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="mail",
    blueprints=[mail],
    navigation=[
        NavigationItem(
            "provider", 41, "mail-log", _l("Received email"), "/admin/mail-log", "mail", Permission.MAIL_SEE
        ),
        NavigationItem("provider", 42, "mailboxes", _l("Mailboxes"), "/admin/mailboxes", "mail"),
    ],
    reads_mail=reads_mail,
    mail_transport=find_transport,
    periodic_jobs={POLL_JOB: 30},
)
