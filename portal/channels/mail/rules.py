"""What an installation says about mail that arrives: settings as a value, passed from the entry to the decision."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from portal.config import Config
from portal.kernel.actor import Id
from portal.kernel.text import clean_line

# The periodic job that reads mailboxes.
POLL_JOB = "portal.channels.mail.polling.poll_mailboxes"


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """*trusted_servers*: names of servers whose Authentication-Results are believed, beside those of the mailbox's own
    domain. *accept_unchecked*: take mails of known senders about which no trusted server said anything. *per_hour*: the
    most mails of one address in an hour."""

    trusted_servers: Sequence[str] = ()
    accept_unchecked: bool = False
    per_hour: int = 60
    # A person has looked at the mail and confirmed its sender.
    released: bool = False
    # The account that a person chose for a new case.
    account_id: Id | None = None

    @classmethod
    def of(cls, config: Config) -> "IntakeRules":
        """The rules that the settings state."""
        return cls(config.trusted_mail_servers(), config.mail_accept_unchecked, config.mail_per_hour)


@dataclass(frozen=True, slots=True)
class MailDelivery:
    """How a mail arrived: 'pipe', 'lmtp', 'smtp', 'imap' or 'graph', the recipients of its envelope, and when.
    *mailbox_id*: the mailbox that it was read from; *external_id*: the hash of its name there (`hash_message_name`)."""

    road: str
    received_at: dt.datetime
    recipients: Sequence[str] = ()
    mailbox_id: Id | None = None
    external_id: str | None = None


def hash_message_name(mailbox_id: Id, name: str) -> str:
    """How `inbound_mails` knows the message that the server of a mailbox calls *name*."""
    return hashlib.sha256(f"{mailbox_id} {name}".encode("utf-8", "replace")).hexdigest()


def bare_address(address: str) -> str:
    """*address* in lower case without its `+tag`: the address of a mailbox."""
    local, _at, domain = clean_line(address).lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if local and domain else ""
