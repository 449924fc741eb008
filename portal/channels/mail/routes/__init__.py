"""The pages of mail that arrives: one module for each resource."""

from portal.channels.mail.routes import (  # noqa: F401 - the views register themselves
    attached,
    authorizations,
    case_mails,
    copies,
    mail_log,
    mailboxes,
    quarantine,
    senders,
)
from portal.channels.mail.routes.blueprint import case_mail, mail, portal_mail

__all__ = ["case_mail", "mail", "portal_mail"]
