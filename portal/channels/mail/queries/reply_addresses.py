"""Addresses that are bound to one person and one case: `support+acme-1042.<token>@…`.

The token names the person and is signed, so nothing about it is stored; a mail to it is the person's answer only if it
is from the person.
"""

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass

from portal.kernel import tokens
from portal.kernel.actor import Id
from portal.kernel.context import Context

_TAG = re.compile(r"([a-z][a-z0-9]{1,9}-[0-9]{1,9})\.([a-z2-7]{39})")
_SIGNED = 8
_LONGEST_LOCAL = 64


@dataclass(frozen=True, slots=True)
class BoundAddress:
    """The case and the person that an address is bound to."""

    case_key: str
    user_id: uuid.UUID


def _sign(ctx: Context, case_key: str, user_id: Id) -> bytes:
    text = f"reply {ctx.provider_id} {case_key} {user_id}".encode()
    return hmac.digest(tokens.signing_key("reply addresses"), text, hashlib.sha256)[:_SIGNED]


def reply_address(ctx: Context, mailbox_address: str, case_key: str, user_id: Id) -> str:
    """The address to which *user_id* answers about the case; '' if the mailbox's own name is too long for a tag."""
    key = case_key.lower()
    coded = base64.b32encode(user_id.bytes + _sign(ctx, key, user_id)).rstrip(b"=").decode().lower()
    local, _at, domain = mailbox_address.rpartition("@")
    tagged = f"{local}+{key}.{coded}"
    return f"{tagged}@{domain}" if len(tagged) <= _LONGEST_LOCAL else ""


def read_reply_address(ctx: Context, address: str) -> BoundAddress | None:
    """What *address* is bound to; None without a tag, and for one that this provider did not sign."""
    found = _TAG.fullmatch(address.rpartition("@")[0].lower().partition("+")[2])
    if found is None:
        return None
    try:
        content = base64.b32decode(found[2].upper() + "=")
    except (binascii.Error, ValueError):
        return None
    user_id = uuid.UUID(bytes=content[:16])
    if not hmac.compare_digest(content[16:], _sign(ctx, found[1], user_id)):
        return None
    return BoundAddress(found[1].upper(), user_id)
