"""Reads a winmail.dat (TNEF) or a .msg, and writes what it holds as an ordinary mail (RFC 5322).

Both formats are written by strangers, and one file of them can keep a library busy for days. So `outlook.read_outlook`
lets this file run as a process of its own, with bounds on time and memory and with nothing of the application in it.
What that process cannot read stays a file.
"""

import codecs
import datetime as dt
import logging
import resource
import struct
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from io import BytesIO
from typing import Any

import olefile
from compressed_rtf import decompress
from striprtf.striprtf import rtf_to_text
from tnefparse import TNEF

BYTES_READ = 25 * 1_048_576
# A compressed text may become eight times as long.
BYTES_WRITTEN = 64 * 1_048_576
CPU_SECONDS = 5
MEMORY_BYTES = 768 * 1_048_576
TEXT_LENGTH, HTML_LENGTH, LINE_LENGTH = 200_000, 2_000_000, 1_000
FILES, DEPTH, OBJECTS = 100, 4, 5_000
RTF_BYTES = 1_048_576

_read_rtf: Callable[..., str] = rtf_to_text  # the library has no types
_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True)
class OutlookFile:
    """One file of a message."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""


@dataclass(slots=True)
class OutlookMail:
    """What a message in one of Outlook's formats says."""

    subject: str = ""
    sender: tuple[str, str] = ("", "")
    to: str = ""
    cc: str = ""
    date: dt.datetime | None = None
    message_id: str = ""
    text: str = ""
    html: str = ""
    files: list[OutlookFile] = field(default_factory=list)
    enclosed: "list[OutlookMail]" = field(default_factory=list)


def convert(content: bytes) -> bytes:
    """*content* as an ordinary mail. Raises whatever the libraries raise for a file that they cannot read."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if content.startswith(olefile.MAGIC):
        with olefile.OleFileIO(BytesIO(content)) as opened:
            found = _read_msg(opened, (), 0)
    else:
        _check_objects(content)
        found = _read_tnef(TNEF(content, do_checksum=False), 0)
    written = _write(found).as_bytes()
    if len(written) > BYTES_WRITTEN:
        raise ValueError("the mail became too long")
    return written


# winmail.dat


def _check_objects(content: bytes) -> None:
    """Raise ValueError if the file is cut off, or has more objects than one that Outlook writes: for each the library
    copies what is left of the file."""
    place, count = 6, 0
    while place + 12 < len(content):
        place += struct.unpack_from("<I", content, place + 5)[0] + 11
        count += 1
        if place > len(content) or count > OBJECTS:
            raise ValueError("the file is cut off, or has too many objects")


def _read_tnef(opened: Any, depth: int) -> OutlookMail:
    codec = _known_codec(str(opened.codepage or ""))

    def text(value: object) -> str:
        return _text_of(value, codec)

    properties = {one.name: one.data for one in opened.mapiprops}
    titles = {one.name: one.data for one in opened.msgprops}
    found = OutlookMail(
        subject=text(properties.get(0x0037) or titles.get(TNEF.ATTSUBJECT)),
        sender=(
            text(properties.get(0x0C1A) or properties.get(0x0042)),
            text(properties.get(0x5D01) or properties.get(0x0C1F)),
        ),
        to=text(properties.get(0x0E04)),
        cc=text(properties.get(0x0E03)),
        message_id=text(properties.get(0x1035)),
        text=text(opened.body),
        html=text(opened.htmlbody)[:HTML_LENGTH],
    )
    _add_rtf(found, opened._rtfbody)
    for one in opened.attachments[:FILES]:
        embedded = getattr(one, "embed", None)
        if embedded is not None:
            if depth < DEPTH:
                found.enclosed.append(_read_tnef(embedded, depth + 1))
        elif one.data:
            found.files.append(_tnef_file(one, text))
    return found


def _tnef_file(attachment: Any, text: Callable[[object], str]) -> OutlookFile:
    known = {one.name: one for one in attachment.mapi_attrs}
    long_name = known[0x3707].data if 0x3707 in known else ""
    media_type = known[0x370E].data if 0x370E in known else ""
    content_id = known[0x3712].data if 0x3712 in known else ""
    name = text(long_name) or text(attachment._name)
    return OutlookFile(name, text(media_type), bytes(attachment.data), text(content_id))


# .msg


def _read_msg(opened: Any, place: tuple[str, ...], depth: int) -> OutlookMail:
    fixed = _fixed_properties(opened, place, 32 if not place else 24)
    codec = _codec(fixed.get(0x3FFD) or fixed.get(0x3FDE))

    def text(*tags: str) -> str:
        return next((said for tag in tags if (said := _stream_text(opened, place, tag, codec))), "")

    found = OutlookMail(
        subject=text("0037"),
        sender=(text("0C1A", "0042"), text("5D01", "0C1F", "0065")),
        to=text("0E04"),
        cc=text("0E03"),
        date=_date(fixed.get(0x0039) or fixed.get(0x0E06)),
        message_id=text("1035"),
        text=text("1000"),
        html=(
            text("1013") or _decode(_stream(opened, place, "10130102"), _codec(fixed.get(0x3FDE) or fixed.get(0x3FFD)))
        )[:HTML_LENGTH],
    )
    _add_rtf(found, _stream(opened, place, "10090102"))
    for folder in _attachment_folders(opened, place):
        inner = (*folder, "__substg1.0_3701000D")
        if opened.exists("/".join(inner)):
            if depth < DEPTH:
                found.enclosed.append(_read_msg(opened, inner, depth + 1))
            continue
        name, media_type, content_id = (
            next((said for tag in tags if (said := _stream_text(opened, folder, tag, codec))), "")
            for tags in (("3707", "3704", "3001"), ("370E",), ("3712",))
        )
        content = _stream(opened, folder, "37010102")
        if content:
            found.files.append(OutlookFile(name, media_type, content, content_id))
    return found


def _attachment_folders(opened: Any, place: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    folders = {
        tuple(one[: len(place) + 1])
        for one in opened.listdir(streams=True, storages=True)
        if tuple(one[: len(place)]) == place
        and len(one) > len(place)
        and one[len(place)].lower().startswith("__attach_version1.0_")
    }
    return sorted(folders)[:FILES]


def _stream(opened: Any, place: tuple[str, ...], tag: str) -> bytes:
    path = "/".join((*place, f"__substg1.0_{tag}"))
    return bytes(opened.openstream(path).read()) if opened.exists(path) else b""


def _stream_text(opened: Any, place: tuple[str, ...], tag: str, codec: str) -> str:
    wide = _stream(opened, place, f"{tag}001F")
    text = wide.decode("utf-16-le", "replace") if wide else _decode(_stream(opened, place, f"{tag}001E"), codec)
    return text.rstrip("\0")


def _fixed_properties(opened: Any, place: tuple[str, ...], head: int) -> dict[int, int]:
    """The properties of *place* that are numbers: id → value."""
    path = "/".join((*place, "__properties_version1.0"))
    content = opened.openstream(path).read() if opened.exists(path) else b""
    return {
        tag >> 16: value
        for tag, _flags, value in struct.iter_unpack("<IIQ", content[head : head + (len(content) - head) // 16 * 16])
        if tag & 0xFFFF in (0x0003, 0x0040)
    }


def _date(ticks: int | None) -> dt.datetime | None:
    try:
        return _EPOCH + dt.timedelta(microseconds=ticks // 10) if ticks else None
    except OverflowError:
        return None


# Text


def _codec(page: int | None) -> str:
    """Python's name of a code page of Windows."""
    number = (page or 0) & 0xFFFFFFFF
    return {65001: "utf-8", 20127: "utf-8", 28592: "iso-8859-2"}.get(number) or _known_codec(f"cp{number}")


def _known_codec(name: str) -> str:
    try:
        return codecs.lookup(name).name if codecs.lookup(name)._is_text_encoding else "cp1252"
    except LookupError:
        return "cp1252"


def _decode(content: bytes, codec: str) -> str:
    for name in ("utf-8", codec):
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    return content.decode(codec, "replace")


def _text_of(value: object, codec: str) -> str:
    text = _decode(value, codec) if isinstance(value, bytes) else value if isinstance(value, str) else ""
    return text.replace("\0", "")


def _line(text: str) -> str:
    return _whole_letters(" ".join(text.split())[:LINE_LENGTH])


def _whole_letters(text: str) -> str:
    """*text* with the halves of letters beyond 16 bits joined, and none left over: RTF writes them as two."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _add_rtf(found: OutlookMail, compressed: object) -> None:
    """The text of a body in compressed RTF, where there is no other."""
    if found.text.strip() or found.html.strip() or not isinstance(compressed, bytes) or not compressed:
        return
    try:
        # tnefparse has cut the zeros off the end.
        rtf = decompress(compressed + b"\0")[:RTF_BYTES]
        found.text = _read_rtf(rtf.decode("latin-1"), errors="replace")
    except MemoryError:
        raise
    except Exception:  # a body that cannot be read leaves the files
        found.text = ""


# The ordinary mail


def _write(found: OutlookMail) -> Message:
    whole = MIMEMultipart("mixed")
    name, address = (_line(one) for one in found.sender)
    if address.isascii() and "@" in address and not set(address) & set('<>()\\",;: '):
        whole["From"] = formataddr((name, address), "utf-8")
    elif name or address:
        whole["From"] = Header(name or address, "utf-8").encode()
    for header, value in (("To", found.to), ("Cc", found.cc), ("Subject", found.subject)):
        if value.strip():
            whole[header] = Header(_line(value), "utf-8").encode()
    if found.date is not None:
        whole["Date"] = format_datetime(found.date)
    body = MIMEMultipart("alternative")
    for text, kind in ((found.text[:TEXT_LENGTH], "plain"), (found.html, "html")):
        if text.strip():
            body.attach(MIMEText(_whole_letters(text), kind, "utf-8"))
    if body.get_payload():
        whole.attach(body)
    for part in _parts(found):
        whole.attach(part)
    return whole


def _parts(found: OutlookMail) -> Iterator[Message]:
    for file in found.files:
        kind, _slash, sub = file.media_type.strip().lower().partition("/")
        is_plain = kind.isascii() and kind.isalpha() and sub and sub.isascii() and sub.replace("-", "").isalnum()
        if not is_plain or kind in ("multipart", "message"):
            kind, sub = "application", "octet-stream"
        part = MIMEBase(kind, sub)
        part.set_payload(file.content)
        encode_base64(part)
        name = _whole_letters(" ".join(file.name.split())[:250])
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
        content_id = file.content_id.strip().strip("<>")
        if content_id and content_id.isascii() and content_id.isprintable() and " " not in content_id:
            part["Content-ID"] = f"<{content_id[:200]}>"
        yield part
    for enclosed in found.enclosed:
        yield MIMEMessage(_write(enclosed))


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.buffer.write(convert(sys.stdin.buffer.read(BYTES_READ + 1)))


if __name__ == "__main__":
    _main()
