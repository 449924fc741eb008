"""Who wrote a mail that somebody forwarded."""

import re
from collections.abc import Iterable
from email.parser import BytesHeaderParser

from portal.channels.mail.engine import headers, intro_lines
from portal.channels.mail.engine.message import InboundFile, MailAddress

_MARKS = re.compile(r"^[>*\s]+|\*")


def find_original_sender(text: str, files: Iterable[InboundFile] = ()) -> MailAddress | None:
    """The first sender that a header block in *text* names, else that of the first mail among *files*; None without
    one. It is what the forwarder's mail says, so it is a proposal and proves nothing."""
    for line in text.split("\n"):
        plain = _MARKS.sub("", line).strip()
        if intro_lines.HEADER_LABELS["from"].fullmatch(" ".join(plain.lower().split())):
            found = headers.read_addresses([plain.partition(":")[2].replace("[mailto:", "<").replace("]", ">")], 1)
            if found:
                return found[0]
    for file in files:
        if file.media_type == "message/rfc822":
            head = BytesHeaderParser().parsebytes(file.content[:65_536])
            found = headers.read_addresses([headers.raw_header(head, "From")], 1)
            if found:
                return found[0]
    return None
