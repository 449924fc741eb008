"""The formats of Outlook, winmail.dat (TNEF) and .msg, as ordinary mails: read by a process of its own."""

import subprocess
import sys
from pathlib import Path

from portal.channels.mail.engine.limits import Limits
from portal.channels.mail.engine.message import InboundFile

SECONDS = 15
_READER = Path(__file__).with_name("outlook_reader.py")
_TNEF, _OLE = b"\x78\x9f\x3e\x22", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_tnef(file: InboundFile) -> bool:
    """Whether *file* is a winmail.dat by its type or name."""
    return file.media_type in ("application/ms-tnef", "application/vnd.ms-tnef") or file.name.lower() == "winmail.dat"


def is_outlook(content: bytes) -> bool:
    """Whether *content* begins as a winmail.dat or a .msg."""
    return content.startswith((_TNEF, _OLE))


def read_outlook(content: bytes, limits: Limits) -> bytes | None:
    """The ordinary mail (RFC 5322) that holds what *content* says; None if it is too large, or cannot be read within
    the bounds of `outlook_reader`."""
    if not is_outlook(content) or len(content) > limits.outlook_bytes:
        return None
    command = [sys.executable, "-I", str(_READER)]
    try:
        return subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=True, env={}).stdout
    except subprocess.SubprocessError:
        return None
