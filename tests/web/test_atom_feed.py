"""Whatever people typed, a feed is well-formed XML that says it."""

import datetime as dt

import pytest
from lxml import etree

from portal.web.atom_feed import FeedEntry, answer_feed

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.mark.parametrize("odd", ["<b>&amp;", "\x00\x0b", "\ufffe\uffff", "\ud800", "😀 zażółć"])
def test_no_text_breaks_a_feed(odd):
    entry = FeedEntry("urn:uuid:1", odd, "http://x/1", NOW, summary=odd, content=odd, language="pl")
    answer = answer_feed(
        uid="urn:uuid:0", title=odd, author=odd, page="http://x/", address="http://x/f", now=NOW, entries=[entry]
    )
    feed = etree.fromstring(answer.data)
    assert answer.mimetype == "application/atom+xml" and len(feed) == 7
    shown = odd if odd.isprintable() else "\ufffd" * len(odd)
    assert feed.xpath("string(a:entry/a:content)", namespaces=ATOM) == shown


def test_a_feed_without_entries_was_updated_now():
    answer = answer_feed(uid="u", title="t", author="a", page="http://x/", address="http://x/f", now=NOW, entries=[])
    assert etree.fromstring(answer.data).xpath("string(a:updated)", namespaces=ATOM) == "2026-11-30T12:00:00Z"
