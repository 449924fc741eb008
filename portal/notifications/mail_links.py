"""The links in a mail that do something: `/a/<token>`.

A token is signed, and nothing about it is stored: it names the mail, and by it the person and the case, and the one
purpose. The stored text of a mail holds marks in place of its tokens, so that a copy of the database contains no usable
link; they are filled in when it is sent.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from enum import StrEnum

from portal.kernel import tokens
from portal.kernel.actor import Id
from portal.kernel.context import Context

# How long after a mail was written its links work.
LASTS = dt.timedelta(days=30)
_SIGNED = 16


class Purpose(StrEnum):
    """What a link does. The values are part of tokens that were sent."""

    MUTE = "m"
    ACCEPT = "a"
    REJECT = "r"
    REOPEN = "o"
    # To say yes or no to a case that needs it.
    APPROVE = "y"
    # To choose the account of a mail that waits.
    CHOOSE = "c"
    # To get no more mails of this kind: the choice of /me/notifications.
    NO_MORE = "n"
    # For an address that asked for the status page by email: to confirm it, and to get no more.
    CONFIRM_ALL = "s"
    CONFIRM_OUTAGES = "t"
    UNSUBSCRIBE = "u"


# What these do is about a subscriber of the status page: their links name the subscriber, and no mail.
OF_SUBSCRIBERS = frozenset({Purpose.CONFIRM_ALL, Purpose.CONFIRM_OUTAGES, Purpose.UNSUBSCRIBE})
# What the one button of a mail program does (RFC 8058); a mail has one of them at most.
ONE_CLICK = (Purpose.MUTE, Purpose.NO_MORE, Purpose.UNSUBSCRIBE)


@dataclass(frozen=True, slots=True)
class MailLink:
    """The mail (or the subscriber, see OF_SUBSCRIBERS) and the purpose of a token."""

    mail_id: uuid.UUID
    purpose: Purpose


def link_mark(mail_id: uuid.UUID, purpose: Purpose) -> str:
    """The placeholder of a link until its mail is sent. It is made from the mail's random id, so nobody can have typed
    it before."""
    return f"act-{mail_id.hex}-{purpose}"


def find_link(mail_id: uuid.UUID, text: str, purpose: Purpose) -> str:
    """The address with the mark of *purpose* in the plain text of a mail; '' without one."""
    mark = link_mark(mail_id, purpose)
    return next((word for word in text.split() if word.endswith(f"/a/{mark}")), "")


def find_one_click(about_id: uuid.UUID, text: str) -> str:
    """The address with the mark of what the one button of a mail program does; '' without one."""
    return next((found for purpose in ONE_CLICK if (found := find_link(about_id, text, purpose))), "")


def fill_links(mail_id: uuid.UUID, provider_id: Id, body: str, token: str | None = None) -> str:
    """*body* with the tokens of its mail in place of their marks; with *token* that word instead."""
    for purpose in Purpose:
        mark = link_mark(mail_id, purpose)
        if mark in body:
            word = derive_link_token(provider_id, mail_id, purpose) if token is None else token
            body = body.replace(mark, word)
    return body


def derive_link_token(provider_id: Id, mail_id: uuid.UUID, purpose: Purpose) -> str:
    """The token of *purpose* in the mail *mail_id*, as it is used in an address: 44 characters."""
    return (
        base64.urlsafe_b64encode(mail_id.bytes + purpose.encode() + _sign(provider_id, mail_id, purpose))
        .rstrip(b"=")
        .decode()
    )


def read_link_token(ctx: Context, token: str) -> MailLink | None:
    """What *token* stands for; None for one that this provider did not sign."""
    try:
        content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        link = MailLink(uuid.UUID(bytes=content[:16]), Purpose(content[16:17].decode("ascii")))
    except (binascii.Error, ValueError):
        return None
    signed = _sign(ctx.provider_id, link.mail_id, link.purpose)
    if not hmac.compare_digest(content[17:], signed) or token != derive_link_token(
        ctx.provider_id, link.mail_id, link.purpose
    ):
        return None
    return link


def _sign(provider_id: Id, mail_id: uuid.UUID, purpose: Purpose) -> bytes:
    text = f"{provider_id} {mail_id} {purpose}".encode()
    return hmac.digest(tokens.signing_key("mail links"), text, hashlib.sha256)[:_SIGNED]
