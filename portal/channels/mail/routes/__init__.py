"""The pages of mail that arrives: one module for each resource."""

from portal.channels.mail.routes import mail_log, mailboxes, quarantine  # noqa: F401 - the views register themselves
from portal.channels.mail.routes.blueprint import mail

__all__ = ["mail"]
