"""An email that is a file: what it says. It is the word of whoever attached it, and proves nothing about its sender."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from itertools import islice

from portal.channels.mail.engine.headers import decode_words
from portal.channels.mail.engine.limits import LIMITS, Limits
from portal.channels.mail.engine.message import InboundMessage, MailAddress
from portal.channels.mail.engine.outlook import is_outlook, read_outlook
from portal.channels.mail.engine.parsing import parse_message

# Mails in mails: so deep, and so many at once.
_DEEPEST, _MOST = 3, 10
# What has a zero so early is no mail.
_LOOKED_AT = 4_096


@dataclass(frozen=True, slots=True)
class AttachedMail:
    """*sent_at*: when it says that it was sent; None if it says nothing that is a date. *level*: 0 for the file itself,
    1 for a mail inside it, and so on."""

    message: InboundMessage
    sent_at: dt.datetime | None
    level: int = 0

    @property
    def sender_words(self) -> str:
        """Its From: name and address, or whatever stands there."""
        sender = self.message.sender
        if not sender.email:
            return decode_words(self.message.header("from"))[:500]
        return f"{sender.name} <{sender.email}>" if sender.name else sender.email

    @property
    def receivers(self) -> tuple[str, str]:
        """Its To and its Cc, the addresses or whatever stands there."""
        to, cc = self.message.to, self.message.cc
        return self._list(to, "to"), self._list(cc, "cc")

    def _list(self, addresses: Sequence[MailAddress], header: str) -> str:
        return ", ".join(one.email for one in addresses) or decode_words(self.message.header(header))[:500]


def read_attached(content: bytes, limits: Limits = LIMITS) -> Sequence[AttachedMail]:
    """The mail that *content* is, `.eml`, `.msg` or winmail.dat, and those inside it; empty if it is none that can be
    read."""
    mail = read_outlook(content, limits) if is_outlook(content) else content
    if mail is None or b"\0" in mail[:_LOOKED_AT] or len(mail) > limits.message_bytes * 2:
        return ()
    # Files of Outlook inside it stay files: one process for each page.
    found = list(islice(_read(mail, replace(limits, winmails=0, message_bytes=len(mail)), 0), _MOST))
    return found if found and _says_anything(found[0].message) else ()


def _read(content: bytes, limits: Limits, level: int) -> Iterator[AttachedMail]:
    message = parse_message(content, limits)
    yield AttachedMail(message, _date_of(message), level)
    if level < _DEEPEST:
        for file in [one for one in message.files if one.media_type == "message/rfc822"][:_MOST]:
            yield from _read(file.content, limits, level + 1)


def _says_anything(message: InboundMessage) -> bool:
    return any(message.header(name) for name in ("from", "subject", "content-type", "message-id"))


def _date_of(message: InboundMessage) -> dt.datetime | None:
    """The date of the header; a stranger writes it, so it may be any text, or a year that no page can show."""
    try:
        found = parsedate_to_datetime(message.header("date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    found = found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found
    return found if 1970 <= found.year <= 2100 else None
