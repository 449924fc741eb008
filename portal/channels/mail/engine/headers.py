"""Headers of a message: decoded, bounded, without control and deceiving characters."""

import re
from collections.abc import Iterable, Sequence
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from portal.channels.mail.engine.charsets import decode_text
from portal.channels.mail.engine.message import MailAddress
from portal.kernel.text import clean_line

_ID = re.compile(r"<([^<>\s]{1,250})>")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\\x00-\x1f]{1,64}@[^\s@<>()\[\],;:\"\\\x00-\x1f]{1,190}")


def unfold_header(raw: object, limit: int) -> str:
    """The raw value of a header on one line, at most *limit* characters; encoded words stay encoded."""
    text = str(raw)[: limit * 4]
    if not text.isascii():
        text, _known = decode_text(text.encode("utf-8", "surrogateescape"))
    return re.sub(r"\s*[\r\n]+\s*", " ", text)[:limit].strip()


def raw_header(part: Message, name: str, limit: int = 4_000) -> str:
    """The first header *name* of *part*, unfolded; '' without one. `Message.get` raises for some malformed ones."""
    wanted = name.lower()
    for one, value in part.raw_items():
        if str(one).lower() == wanted:
            return unfold_header(value, limit)
    return ""


def decode_words(value: str) -> str:
    """*value* with its encoded words (RFC 2047) decoded; broken ones stay as they are."""
    if "=?" not in value:
        return clean_line(value)
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError, LookupError):
        return clean_line(value)
    found = []
    for piece, charset in pieces:
        found.append(piece if isinstance(piece, str) else decode_text(piece, charset or "")[0])
    return clean_line("".join(found))


def read_addresses(values: Iterable[str], limit: int) -> list[MailAddress]:
    """The addresses in headers, groups opened, each once. What is no address is left out."""
    found: dict[str, MailAddress] = {}
    for name, email in getaddresses([value for value in values if value]):
        email = clean_line(email).lower()
        if _ADDRESS.fullmatch(email) and email not in found:
            found[email] = MailAddress(email, decode_words(name)[:200])
        if len(found) >= limit:
            break
    return list(found.values())


def read_message_ids(values: Sequence[str], limit: int) -> list[str]:
    """The Message-IDs in *values*, without brackets, each once."""
    return list(dict.fromkeys(one for value in values for one in _ID.findall(value)))[:limit]
