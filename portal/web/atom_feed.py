"""Atom feeds (RFC 4287), written by the standard library, which escapes what people typed."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from flask import Response

from portal.web.page_frame import utc_iso

_ATOM = "http://www.w3.org/2005/Atom"
# XML cannot hold any other character, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry: *uid* is a URN that never changes; *page* is where it is read. `summary` and `content` may be ''."""

    uid: str
    title: str
    page: str
    updated: dt.datetime
    published: dt.datetime | None = None
    summary: str = ""
    content: str = ""
    language: str = ""


def answer_feed(
    *, uid: str, title: str, author: str, page: str, address: str, now: dt.datetime, entries: Sequence[FeedEntry]
) -> Response:
    """The answer with the feed at *address* of the page at *page*; both are whole addresses. *now* is when a feed
    without entries was updated."""
    feed = ElementTree.Element("feed", xmlns=_ATOM)
    _add(feed, "id", uid)
    _add(feed, "title", title)
    _add(feed, "updated", utc_iso(max((entry.updated for entry in entries), default=now)))
    ElementTree.SubElement(feed, "link", rel="self", href=address)
    ElementTree.SubElement(feed, "link", rel="alternate", href=page)
    _add(ElementTree.SubElement(feed, "author"), "name", author)
    for entry in entries:
        element = ElementTree.SubElement(feed, "entry", {"xml:lang": entry.language} if entry.language else {})
        _add(element, "id", entry.uid)
        _add(element, "title", entry.title)
        if entry.published is not None:
            _add(element, "published", utc_iso(entry.published))
        _add(element, "updated", utc_iso(entry.updated))
        ElementTree.SubElement(element, "link", rel="alternate", href=entry.page)
        if entry.summary:
            _add(element, "summary", entry.summary)
        if entry.content:
            _add(element, "content", entry.content)
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(written, mimetype="application/atom+xml")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NOT_XML.sub("\ufffd", text)
