"""A message as it was read: bounded, in Unicode, without control characters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class MessageClass(StrEnum):
    """What wrote the message."""

    HUMAN = "human"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    FEEDBACK_REPORT = "feedback_report"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One address in lower case, and the name beside it."""

    email: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file of a message. `content_id` is without brackets; `inline` means that the HTML of the message shows it."""

    name: str
    media_type: str
    content: bytes
    inline: bool = False
    content_id: str = ""
    # A small picture that the HTML shows in the signature, or in what is quoted below it.
    in_signature: bool = False

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a message says. `problems` are codes of what was wrong with it: 'too_deep', 'two_from', 'bad_charset' …"""

    message_class: MessageClass = MessageClass.HUMAN
    # Why it is of this class: the header or form that says so.
    class_reason: str = ""
    senders: Sequence[MailAddress] = ()
    reply_to: Sequence[MailAddress] = ()
    to: Sequence[MailAddress] = ()
    cc: Sequence[MailAddress] = ()
    # Addresses in headers that programs add: Delivered-To, X-Original-To, Envelope-To.
    delivered_to: Sequence[MailAddress] = ()
    return_path: str | None = None
    subject: str = ""
    message_id: str = ""
    # Message-IDs in In-Reply-To and References, the nearest first.
    references: Sequence[str] = ()
    # All text that a reader sees; `reply` is what the sender wrote now, `folded` the rest of it.
    body: str = ""
    reply: str = ""
    folded: str = ""
    forwarded: bool = False
    # Whether another mail is quoted in it; a signature alone is folded too.
    quoted: bool = False
    # Whether what is folded may be the sender's own words: nothing marks it as a quote.
    guessed: bool = False
    # Safe HTML, where the message has HTML.
    html: str = ""
    files: Sequence[InboundFile] = ()
    authentication_results: Sequence[str] = ()
    # Message-IDs and addresses that a bounce names.
    bounced: Sequence[str] = ()
    bounced_ids: Sequence[str] = ()
    bounce_is_final: bool = False
    problems: Sequence[str] = ()
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def sender(self) -> MailAddress:
        """The one sender; an empty address if there is none or several."""
        return self.senders[0] if len(self.senders) == 1 else MailAddress("")

    def header(self, name: str) -> str:
        """The first header of that name (any case), decoded; '' without one."""
        found = self.headers.get(name.lower(), ())
        return found[0] if found else ""
