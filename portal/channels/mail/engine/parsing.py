"""Bytes to an `InboundMessage`.

The standard library splits the message; everything else has a limit of ours. What is malformed is noted in `problems`
and read as far as it goes: a message that cannot be read at all still has its headers.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from portal.channels.mail.engine import bounces, classes, headers, intro_lines, outlook
from portal.channels.mail.engine.charsets import decode_text
from portal.channels.mail.engine.filenames import clean_filename
from portal.channels.mail.engine.flowed import join_flowed
from portal.channels.mail.engine.html_text import html_to_text, safe_html
from portal.channels.mail.engine.limits import LIMITS, Limits
from portal.channels.mail.engine.message import InboundFile, InboundMessage, MessageClass
from portal.channels.mail.engine.quotes import fold_quotes
from portal.channels.mail.engine.signatures import is_signature_picture
from portal.kernel.text import clean_text

_BOUNDARY = re.compile(rb"boundary\s*=\s*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_FIELD_END = re.compile(rb"\r?\n(?![ \t])")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")
# Headers that are read again by name; the others are dropped.
_KEPT = 400


@dataclass(slots=True)
class _Content:
    """What a walk over the parts has found."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    # In the order of the message: text that is shown, as plain text.
    shown: list[str] = field(default_factory=list)
    files: list[InboundFile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_message(raw: bytes, limits: Limits = LIMITS, own_lines: Collection[str] = ()) -> InboundMessage:
    """Read *raw*; never raises. *own_lines* are lines of mails that we sent to the sender (`quotes.own_lines_of`)."""
    problems: list[str] = []
    root = _split(raw[: limits.message_bytes], limits, problems)
    if len(raw) > limits.message_bytes:
        problems.append("too_large")
    found = _read_headers(root, limits)
    senders = headers.read_addresses(found.get("from", ()), limits.addresses)
    if len(found.get("from", ())) > 1:
        problems.append("two_from")
    return_path = _return_path(found)
    kind, reason = classes.classify(root, found, senders, return_path)
    content = _read_content(root, limits)
    subject = headers.decode_words(found["subject"][0])[:500] if found.get("subject") else ""
    answered = headers.read_message_ids(found.get("in-reply-to", ()), limits.references)
    earlier = headers.read_message_ids(found.get("references", ()), 10_000)[::-1]
    nearest = list(dict.fromkeys([*answered, *earlier]))[: limits.references]
    body = _trim_text("\n".join(content.shown), limits, content.problems)
    answers = bool(nearest) or bool(intro_lines.ANSWER_SUBJECT.match(subject))
    folded = fold_quotes(body, answers=answers, own_lines=own_lines)
    bounced, is_final = bounces.bounced_addresses(root) if kind == MessageClass.BOUNCE else ([], False)
    ids = headers.read_message_ids(found.get("message-id", ()), 1)
    return InboundMessage(
        message_class=kind,
        class_reason=reason,
        senders=senders,
        reply_to=headers.read_addresses(found.get("reply-to", ()), limits.addresses),
        to=headers.read_addresses(found.get("to", ()), limits.addresses),
        cc=headers.read_addresses(found.get("cc", ()), limits.addresses),
        delivered_to=headers.read_addresses(
            [value for name in ("delivered-to", "x-original-to", "envelope-to") for value in found.get(name, ())],
            limits.addresses,
        ),
        return_path=return_path,
        subject=subject,
        message_id=ids[0] if ids else "",
        references=nearest,
        body=body,
        reply=folded.reply,
        folded=folded.folded,
        forwarded=folded.forwarded or bool(intro_lines.FORWARD_SUBJECT.match(subject)),
        quoted=folded.quoted,
        guessed=folded.guessed,
        html=safe_html("\n".join(content.htmls)) if content.htmls else "",
        files=content.files,
        authentication_results=found.get("authentication-results", ()),
        bounced=bounced,
        bounced_ids=bounces.returned_message_ids(root) if kind == MessageClass.BOUNCE else (),
        bounce_is_final=is_final,
        problems=tuple(dict.fromkeys([*problems, *content.problems])),
        headers=found,
    )


def _split(raw: bytes, limits: Limits, problems: list[str]) -> Message:
    """*raw* as a tree of parts. Only its headers where the tree would be too large or too deep to make."""
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    raw = raw.lstrip(b"\r\n")
    end = _END_OF_HEADERS.search(raw, 0, limits.header_bytes)
    if end is None and len(raw) > limits.header_bytes:
        problems.append("huge_headers")
        end = _END_OF_HEADERS.search(raw)
        raw = _cut_headers(raw[: end.start()] if end else raw, limits) + b"\n\n" + (raw[end.end() :] if end else b"")
    if _is_too_much(raw, limits):
        problems.append("too_deep")
        return BytesParser(policy=compat32).parsebytes(raw, headersonly=True)
    try:
        return BytesParser(policy=compat32).parsebytes(raw)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        problems.append("malformed")
        return BytesParser(policy=compat32).parsebytes(raw, headersonly=True)


def _cut_headers(block: bytes, limits: Limits) -> bytes:
    """The header fields of *block* that are no longer than a field of a person's mail, up to the limit of all."""
    kept, size = [], 0
    for field_ in _FIELD_END.split(block):
        size += len(field_) if len(field_) <= limits.header_length * 5 else 0
        if len(field_) <= limits.header_length * 5 and size <= limits.header_bytes:
            kept.append(field_)
    return b"\n".join(kept)


def _is_too_much(raw: bytes, limits: Limits) -> bool:
    """Whether *raw* has more boundaries, or more lines with one, than a message of a person has."""
    names = {quoted or plain for quoted, plain in _BOUNDARY.findall(raw)}
    if len(names) > limits.boundaries:
        return True
    return sum(raw.count(b"--" + name) for name in names) > limits.parts * 2


def _read_headers(root: Message, limits: Limits) -> Mapping[str, Sequence[str]]:
    """Lower name → values in their order, unfolded; encoded words stay for those that hold addresses."""
    found: dict[str, list[str]] = {}
    for count, (name, value) in enumerate(root.raw_items()):
        if count >= _KEPT:
            break
        found.setdefault(str(name).lower()[:100], []).append(headers.unfold_header(value, limits.header_length * 5))
    if "subject" in found:
        found["subject"] = [headers.decode_words(one) for one in found["subject"]]
    return found


def _return_path(found: Mapping[str, Sequence[str]]) -> str | None:
    """The envelope's sender; '' for the empty one of robots, None where nobody wrote it down."""
    if not found.get("return-path"):
        return None
    value = found["return-path"][0].strip()
    return value.strip("<>").strip().lower()[:254]


def _read_content(root: Message, limits: Limits) -> _Content:
    """The text and the files of the whole message."""
    content = _Content()
    try:
        _read_part(root, content, limits)
    except RecursionError:
        content.problems.append("too_deep")
    except Exception:  # a stranger's bytes: the library raises what they make it raise, and what was read stays
        content.problems.append("malformed")
    referenced = " ".join(content.htmls)
    content.files = [
        InboundFile(
            one.name,
            one.media_type,
            one.content,
            _is_shown(one, referenced),
            one.content_id,
            is_signature_picture(one, referenced),
        )
        for one in content.files
    ]
    for file in [one for one in content.files if outlook.is_tnef(one)][: limits.winmails]:
        _unpack_winmail(file, content, limits)
    if len(content.files) > limits.attachments:
        content.problems.append("many_attachments")
        content.files = content.files[: limits.attachments]
    return content


def _unpack_winmail(file: InboundFile, content: _Content, limits: Limits) -> None:
    """Put what a winmail.dat holds into its place; its text, where the message has none. It stays if it holds
    nothing."""
    unpacked = outlook.read_outlook(file.content, limits)
    if unpacked is None:
        return
    # What it holds in turn stays a file.
    inner = _read_content(_split(unpacked, limits, content.problems), replace(limits, winmails=0))
    content.problems += inner.problems
    if not inner.files and not any(text.strip() for text in inner.shown):
        return
    place = content.files.index(file)
    content.files[place : place + 1] = inner.files
    if not any(text.strip() for text in content.shown):
        content.shown = inner.shown
        content.htmls += inner.htmls


def _is_shown(file: InboundFile, html: str) -> bool:
    return bool(file.content_id) and (f"cid:{file.content_id}" in html or (file.inline and not html))


def _read_part(part: Message, content: _Content, limits: Limits) -> None:
    payload = part.get_payload()
    kind = part.get_content_type()
    if isinstance(payload, list) and kind == "multipart/alternative":
        _read_alternative(payload, content, limits)
    elif isinstance(payload, list) and kind.startswith("multipart/"):
        for one in payload:
            if isinstance(one, Message):
                _read_part(one, content, limits)
    elif kind == "message/rfc822" and isinstance(payload, list) and payload and isinstance(payload[0], Message):
        content.files.append(_enclosed(part, payload[0]))
    elif isinstance(payload, list):
        _read_status(part, payload, content)
    elif kind in ("text/plain", "text/html") and not _is_file(part):
        _show(part, kind, content, limits)
    else:
        file = _file_of(part)
        if file is not None:
            content.files.append(file)


def _read_alternative(parts: Sequence[object], content: _Content, limits: Limits) -> None:
    """One of several forms of the same text: the plain one, unless it is empty or only points at the other."""
    found = []
    for one in parts:
        if isinstance(one, Message):
            inner = _Content()
            _read_part(one, inner, limits)
            found.append(inner)
    plain = next((one for one in found if one.texts and not one.htmls), None)
    rich = next((one for one in reversed(found) if one.htmls), None)
    chosen = rich if rich is not None and (plain is None or _says_less(plain, rich)) else plain
    for one in found:
        content.texts += one.texts
        content.htmls += one.htmls
        content.files += one.files
        content.problems += one.problems
    chosen = chosen or next((one for one in found if one.shown), None)
    content.shown += chosen.shown if chosen else []


def _says_less(plain: _Content, rich: _Content) -> bool:
    """Whether the plain text is a stand-in: it has less than a third of the words."""
    few, many = (len(" ".join(one.shown).split()) for one in (plain, rich))
    return few * 3 < many or few == 0


def _read_status(part: Message, payload: Sequence[object], content: _Content) -> None:
    """message/delivery-status and the like: fields instead of text."""
    groups = [
        "\n".join(f"{name}: {headers.unfold_header(value, 2_000)}" for name, value in one.raw_items())
        for one in payload[:50]
        if isinstance(one, Message)
    ]
    text = clean_text("\n\n".join(groups))
    content.files.append(InboundFile("details.txt", part.get_content_type(), text.encode("utf-8", "replace")[:100_000]))


def _is_file(part: Message) -> bool:
    disposition = headers.raw_header(part, "Content-Disposition").lower().strip()
    return disposition.startswith("attachment") or bool(_filename(part))


def _filename(part: Message) -> str:
    try:
        return str(part.get_filename() or "")
    except (TypeError, ValueError, LookupError, UnicodeError):
        return ""


def _bytes_of(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AssertionError):
        payload = None
    if isinstance(payload, bytes):
        return payload
    text = part.get_payload()
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else b""


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "")
    except (TypeError, ValueError, LookupError, UnicodeError):
        return ""


def _parameter(part: Message, name: str) -> str:
    try:
        return str(part.get_param(name) or "").lower()
    except (TypeError, ValueError, LookupError, UnicodeError):
        return ""


def _show(part: Message, kind: str, content: _Content, limits: Limits) -> None:
    raw = _bytes_of(part)
    text, sure = decode_text(raw[: limits.html_length * 4], _charset(part))
    if not sure:
        content.problems.append("bad_charset")
    if kind == "text/html":
        if len(text) > limits.html_length:
            content.problems.append("cut")
        text = text[: limits.html_length]
        content.htmls.append(text)
        content.shown.append(html_to_text(text))
        return
    if _parameter(part, "format") == "flowed":
        text = join_flowed(text, delete_spaces=_parameter(part, "delsp") == "yes")
    content.texts.append(text)
    content.shown.append(text)


def _file_of(part: Message) -> InboundFile | None:
    """A part as a file; None for an empty part without a name."""
    content, kind = _bytes_of(part), part.get_content_type().lower()[:120]
    name = _filename(part)
    if not content and not name:
        return None
    content_id = headers.raw_header(part, "Content-ID").strip().strip("<>")[:250]
    inline = headers.raw_header(part, "Content-Disposition").lower().startswith("inline") or bool(content_id)
    return InboundFile(clean_filename(name, kind), kind, content, inline, content_id)


def _enclosed(part: Message, message: Message) -> InboundFile:
    """A mail inside the mail stays a file: what it says is not the sender's word."""
    try:
        content = message.as_bytes()
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        content = str(message.get_payload()).encode("utf-8", "surrogateescape")
    subject = re.sub(r"[/\\]", "-", headers.decode_words(headers.raw_header(message, "Subject", 200)))
    name = _filename(part) or (f"{subject[:100]}.eml" if subject else "")
    return InboundFile(clean_filename(name, "message/rfc822"), "message/rfc822", content)


def _trim_text(text: str, limits: Limits, problems: list[str]) -> str:
    """The whole text within its limit, without blank lines around it."""
    text = clean_text(text).strip("\n")
    if len(text) > limits.text_length:
        problems.append("cut")
        return text[: limits.text_length]
    return text if text.strip() else ""
