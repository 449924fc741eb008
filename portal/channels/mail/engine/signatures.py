"""Pictures of a signature: small ones that the HTML of a mail shows where a mail program put the signature."""

import re

from portal.channels.mail.engine.message import InboundFile

# What is larger is a picture that somebody wants seen.
PICTURE_BYTES = 48 * 1024
# Where the signature begins, or the mail that is answered: the marks of Gmail, Outlook, Apple Mail and Thunderbird.
_BEGINS = re.compile(
    r"""<[^<>]{0,400}?\b(?:id|class)\s*=\s*["']?[^"'<>]{0,200}?"""
    r"(?:gmail_signature|moz-signature|moz-cite-prefix|gmail_quote|AppleMailSignature|"
    r"ms-outlook-mobile-signature|\bx?_?signature\b|appendonsend|divRplyFwdMsg|OLK_SRC_BODY_SECTION)",
    re.IGNORECASE,
)


def is_signature_picture(file: InboundFile, html: str) -> bool:
    """Whether *file* is a small picture that *html* shows in the signature or below it, and not above."""
    if not file.content_id or not file.media_type.startswith("image/") or file.size > PICTURE_BYTES:
        return False
    shown_at = html.find(f"cid:{file.content_id}")
    if shown_at < 0:
        return False
    begins = _BEGINS.search(html)
    return begins is not None and begins.start() < shown_at
