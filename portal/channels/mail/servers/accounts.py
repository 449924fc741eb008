"""Where and how a mailbox signs in: what is needed to read it and to send through it."""

from dataclasses import dataclass

from portal.channels.mail.models import GRAPH, PASSWORD
from portal.channels.mail.servers.address import Server
from portal.kernel.actor import Id


@dataclass(frozen=True, slots=True)
class MailAccount:
    """*sign_in* and *protocol* as of a connection. *imap* is None with Graph; *smtp* is None with Graph and where mails
    go out through SMTP_URL."""

    provider_id: Id
    mailbox_id: Id
    address: str
    sign_in: str
    protocol: str
    imap: Server | None
    smtp: Server | None

    @property
    def has_password(self) -> bool:
        """Whether it signs in with a password, and not with a token."""
        return self.sign_in == PASSWORD

    @property
    def sends_itself(self) -> bool:
        """Whether its mails go out through a server of its own."""
        return self.smtp is not None or self.protocol == GRAPH
