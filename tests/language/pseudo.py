"""A language made on the fly: every letter of a message becomes a wide one, so that what is left is not in `_()`.

Dates are written in Greek, which shares no letter with English either.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.support.page import Element, Page

LOCALE = "el"
_WIDE = {code: code + 0xFEE0 for code in (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))}
# What gettext or the browser fills in stays as it is.
_KEPT = re.compile(r"(%\(\w+\)[a-z]|%%|\{\w+\})")
_LETTERS = re.compile(r"[A-Za-z]{2,}")
# No words of ours: addresses, keys of cases and accounts, files, units, letters of zones, names of languages.
_NO_WORDS = re.compile(
    r"\S+@\S+|\{\w+\}|\b\w+\.(txt|png|pdf|log|csv)\b|qq\w+zz|https?://\S+|/[\w/.-]+|\b[A-Z][A-Z0-9]{1,9}(-\d+)?\b|\b[kM]B\b"
    r"|\bParley\b|\bcode-[0-9a-f]{32}\b|\b[\w.-]+\.(example|localhost)\b|\b(English|Polski)\b|\bUTC[+-]\d\d\b"
)
_SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-busy", "data-needs-message", "data-done", "data-label")
_SPOKEN += ("data-send-label", "data-hide-label", "label")
# Fields of places, each by its own name; keys of the keyboard, initials, source code: the same in every language.
_PLACES = frozenset({"zone", "region"})
_SKIPPED = frozenset({"script", "style", "template", "kbd", "code", "pre"})
_SKIPPED_CLASSES = frozenset({"avatar", "monogram", "brand__mark", "account-mark"})


def wide(text: str) -> str:
    """*text* in the made-up language."""
    return "".join(part if n % 2 else part.translate(_WIDE) for n, part in enumerate(_KEPT.split(text)))


class Pseudo:
    """What `flask_babel.Domain.get_translations` gives, for the made-up language."""

    def ugettext(self, text: str) -> str:
        return wide(text)

    def ungettext(self, one: str, many: str, n: int) -> str:
        return wide(one if n == 1 else many)

    def upgettext(self, _context: str, text: str) -> str:
        return wide(text)

    def unpgettext(self, _context: str, one: str, many: str, n: int) -> str:
        return self.ungettext(one, many, n)


def spoken(page: Page) -> Iterator[str]:
    """Every text of *page* that somebody can see or hear, piece by piece."""
    yield from _spoken(page)


def _spoken(element: Element) -> Iterator[str]:
    if element.tag in _SKIPPED or _SKIPPED_CLASSES & set(element.get("class").split()):
        return
    yield from (element.attributes[name] for name in _SPOKEN if name in element.attributes)
    if element.tag == "meta" and element.get("name") == "words":
        yield from json.loads(element.get("content")).values()
    if element.tag == "input" and element.get("type") in ("submit", "button"):
        yield element.get("value")
    if element.tag == "textarea" or (element.tag == "select" and element.get("name") in _PLACES):
        return
    for child in element.children:
        if isinstance(child, Element):
            yield from _spoken(child)
        else:
            yield child


class Data:
    """What people and the configuration wrote: it is shown as it is, in whatever language."""

    def __init__(self, values: Iterable[str]) -> None:
        # A code of ours (`waiting`) is stored too, and must not show: only what has a space or a capital is data.
        # People are called by their first names as well.
        own = {" ".join(v.split()) for v in values}
        own |= {first for v in own if v.istitle() and len(v) < 40 for first in v.split()[:1]}
        self.values = sorted((v for v in own if len(v) > 2 and (" " in v or v != v.lower())), key=len, reverse=True)
        self.all = "\n".join(self.values)
        self.short = [v for v in self.values if len(v) < 200]
        self.known: dict[str, str] = {}

    def english_in(self, text: str) -> str:
        """The English of *text* that is not data; '' if there is none."""
        if not _LETTERS.search(text):
            return ""
        text = " ".join(text.split())
        if text not in self.known:
            self.known[text] = self._english_in(text)
        return self.known[text]

    def _english_in(self, text: str) -> str:
        if text in self.all or not _LETTERS.search(_NO_WORDS.sub("", text)):
            return ""
        for value in self.short:
            if value in text:
                text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "", text)
        return " ".join(_LETTERS.findall(_NO_WORDS.sub("", text)))


def strings_in(value: Any) -> Iterator[str]:
    """Every string in *value*, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings_in(inner)
