"""One line of a text as HTML: bold, code and links. Everything else stays as it was written.

Markers count only where people set them around words, so that globs, powers and apostrophes keep their characters:
`src/**/*.py`, `2**3`, "it`s". No escapes, no entities, no underscore or single-asterisk emphasis.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from html import escape

import nh3

SCHEMES = {"http", "https", "mailto", "tel"}

# Where an address ends: blanks, quotes and brackets of any script, and the bar of a table.
_STOP = r"\s<>\"'`|“”„‘’«»‹›（）「」『』【】《》，。；：！？、"
_ADDRESS = rf"(?:(?!\]\()[^{_STOP}])"
_HOST = r"(?:[\w-]{1,63}+\.)+[^\W\d_]{2,}+"
_ATOM = re.compile(
    rf"""
    (?P<ticks>`+)
    | (?<!\*)(?P<stars>\*\*)(?!\*)
    | \[(?P<label>[^\[\]]++)\]\((?P<target>(?:https?://|mailto:|tel:)(?:[^{_STOP}()\[\]]|\([^{_STOP}()\[\]]*+\))++)\)
    | (?<![A-Za-z0-9])(?P<url>https?://[\w\[]{_ADDRESS}*+)
    | (?<![\w.@/\\-])(?P<www>www\.{_HOST}(?![\w-]|\.\w)(?:[:/?\#]{_ADDRESS}*+)?)
    | (?<![\w.%+/\\-])(?P<mail>(?:mailto:)?[\w.%+-]{{1,64}}+@{_HOST})(?![\w@/\\-]|[.:][\w/~])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ASCII_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_NOT_BEFORE_BOLD = _ASCII_WORD | frozenset("*/\\.=&$)]")
_NOT_AFTER_BOLD = _ASCII_WORD | frozenset("*/\\=(")
_SLASHES = frozenset("/\\")
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_PREFIXES = {"url": "", "www": "http://", "mail": "mailto:"}
_TRAILING = frozenset(".,;:!?*_~…")


def inline(line: str) -> str:
    """*line* as HTML with bold, code and links."""
    if not _ATOM.search(line):
        return escape(line, quote=False)
    parts: list[str] = []
    opened = -1  # where in `parts` the last `**` stands that could begin bold
    for kind, text, start, end in _atoms(line):
        if kind != "stars":
            parts.append(_drawn(kind, text))
            continue
        before, after = line[start - 1 : start], line[end : end + 1]
        if opened >= 0 and not before.isspace() and before not in _SLASHES and after not in _NOT_AFTER_BOLD:
            parts[opened] = "<strong>"
            parts.append("</strong>")
            opened = -1
            continue
        parts.append("**")
        if after and not after.isspace() and after not in _SLASHES and before not in _NOT_BEFORE_BOLD:
            opened = len(parts) - 1
    return "".join(parts)


def linked(line: str) -> str:
    """*line* as HTML with nothing but its bare links: no character goes, so columns stay aligned."""
    return "".join(
        escape(text, quote=False) if kind in ("ticks", "stars", "code", "link") else _drawn(kind, text)
        for kind, text, _start, _end in _atoms(line)
    )


def cut(line: str, place: int) -> int:
    """A place near *place* where *line* can be divided: outside links and code, behind a blank if one is near."""
    for _kind, _text, start, end in _atoms(line):
        if start < place < end and _kind != "text":
            return end
        if start >= place:
            break
    return line.rfind(" ", place - 200, place) + 1 or place


def _drawn(kind: str, text: str) -> str:
    if kind == "code":
        ticks = len(text) - len(text.lstrip("`"))
        return f"<code>{escape(text[ticks:-ticks], quote=False)}</code>"
    if kind == "link":
        label, _bracket, target = text[1:-1].rpartition("](")
        return _link(target, label)
    if kind in ("url", "www", "mail"):
        return _link(text if text[:7].lower() == "mailto:" else _PREFIXES[kind] + text, text)
    return escape(text, quote=False)


def _link(target: str, label: str) -> str:
    return f'<a href="{escape(target)}">{escape(label, quote=False)}</a>'


def _atoms(line: str) -> Iterator[tuple[str, str, int, int]]:
    """*line* in pieces `(kind, text, start, end)` that join to it: text, code, link, url, www, mail, ticks, stars."""
    spans = _code_spans(line) if "`" in line else {}
    done = 0
    found = _ATOM.search(line)
    while found:
        kind, start, end = found.lastgroup or "", found.start(), found.end()
        if kind == "ticks" and start in spans:
            kind, end = "code", spans[start]
        elif kind == "target":
            kind = "link"
            if not (_names_no_other(found["label"], found["target"]) and _is_address(found["target"])):
                kind, end = "text", start + 1
        elif kind in ("url", "www"):
            end = start + len(_without_trailing(line[start:end]))
            kind = kind if _is_address(_PREFIXES[kind] + line[start:end]) else "text"
        if kind != "text":
            if start > done:
                yield "text", line[done:start], done, start
            yield kind, line[start:end], start, end
            done = end
        found = _ATOM.search(line, end)
    if done < len(line):
        yield "text", line[done:], done, len(line)


def _code_spans(line: str) -> dict[int, int]:
    """Start and end of each piece between two equal runs of backticks that stand around words."""
    runs = [(found.start(), found.end()) for found in re.finditer("`+", line)]
    closing: dict[int, list[int]] = {}
    for start, end in runs:
        if line[end : end + 1] not in _ASCII_WORD:
            closing.setdefault(end - start, []).append(start)
    spans: dict[int, int] = {}
    done = 0
    for start, end in runs:
        if start < done or line[start - 1 : start].isalnum():
            continue
        places = closing.get(end - start, [])
        after = bisect_right(places, start)
        if after < len(places) and not line[end : places[after]].isspace():
            done = spans[start] = places[after] + end - start
    return spans


def _names_no_other(label: str, target: str) -> bool:
    """Whether *label* is words, or the target itself: a label that spells another address would deceive."""
    if not label.strip() or label.strip() in (target, target.partition(":")[2].lstrip("/")):
        return bool(label.strip())
    return not any(found.lastgroup in ("url", "www", "mail") for found in _ATOM.finditer(label))


def _is_address(target: str) -> bool:
    """Whether the sanitizer takes *target*. It drops what no URL parser reads, and the target would be lost."""
    link = f'<a href="{escape(target)}"></a>'
    return "href" in nh3.clean(link, tags={"a"}, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel=None)


def _without_trailing(address: str) -> str:
    """*address* without the punctuation of the sentence that it ends, and without a bracket that it did not open."""
    end = len(address)
    unopened = {closer: address.count(closer) - address.count(opener) for closer, opener in _CLOSERS.items()}
    while end:
        last = address[end - 1]
        if last in _TRAILING:
            end -= 1
        elif unopened.get(last, 0) > 0:
            unopened[last] -= 1
            end -= 1
        else:
            break
    return address[:end]
