"""winmail.dat (TNEF): the files and the text that Outlook packs into one file for other Outlooks."""

import logging
import warnings
from typing import Any

from tnefparse import TNEF

from portal.channels.mail.engine.filenames import clean_filename
from portal.channels.mail.engine.limits import Limits
from portal.channels.mail.engine.message import InboundFile

# The library describes each oddity of a file in a log of its own.
logging.getLogger("tnef-decode").setLevel(logging.CRITICAL)


def is_tnef(file: InboundFile) -> bool:
    return file.media_type in ("application/ms-tnef", "application/vnd.ms-tnef") or file.name.lower() == "winmail.dat"


def unpack_tnef(file: InboundFile, limits: Limits) -> tuple[list[InboundFile], str] | None:
    """(files, plain text) inside a winmail.dat; None if it is too large, or is none: then it stays a file."""
    if file.size > limits.tnef_bytes:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = TNEF(file.content, do_checksum=False)
            files = [_file_of(one) for one in opened.attachments[: limits.attachments] if one.data]
            body = opened.body or ""
    except Exception:  # the file is a stranger's; the library raises what its bytes make it raise
        return None
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
    return (files, text[: limits.text_length]) if files or text else None


def _file_of(attachment: Any) -> InboundFile:
    name = str(attachment.long_filename() or attachment.name or "")
    return InboundFile(clean_filename(name, ""), _media_type(attachment), bytes(attachment.data))


def _media_type(attachment: object) -> str:
    found = getattr(attachment, "mime_tag", "") or ""
    return str(found) if "/" in str(found) else "application/octet-stream"
