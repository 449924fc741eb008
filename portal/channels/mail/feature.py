"""The surface of mail that arrives in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.channels.mail.actions.originals import delete_old_originals
from portal.channels.mail.actions.sending import find_transport
from portal.channels.mail.panels import copies_line, copies_panel
from portal.channels.mail.queries.mailboxes import is_reading_behind, reads_mail
from portal.channels.mail.routes import case_mail, mail, portal_mail
from portal.channels.mail.rules import POLL_JOB
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="mail",
    blueprints=[mail, case_mail, portal_mail],
    panels={40: copies_panel},
    history_lines={"case.copies_proposed": copies_line, "case.copy_dismissed": copies_line},
    navigation=[
        NavigationItem(
            "provider", 41, "mail-log", _l("Received email"), "/admin/mail-log", "mail", Permission.MAIL_SEE
        ),
        NavigationItem("provider", 42, "mailboxes", _l("Mailboxes"), "/admin/mailboxes", "mail"),
    ],
    reads_mail=reads_mail,
    is_reading_behind=is_reading_behind,
    mail_transport=find_transport,
    retention={"mail_originals": delete_old_originals},
    periodic_jobs={POLL_JOB: 30},
)
