"""A text as blocks: paragraphs, lists, quotes, fenced code, and what people aligned by blanks.

The grammar works on whole lines, so every line lands in exactly one block and none can vanish. Only two kinds of marker
are taken away, and only where something is drawn in their place: the `>` of a quote and the two lines of a *closed*
fence. The markers of lists stay in the text. There are no headings, rules, tables, link definitions or HTML.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.web.rich_text.columns import LIST_MARKER, groups, is_indented

DEEPEST_QUOTE = 4
DEEPEST_LIST = 6

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<ticks>`{3,})(?P<label>[^`]*)$")
_QUOTE = re.compile(r" {0,3}(?:>[ \t]?)*>(?=[ \t]|$)")
_QUOTE_MARK = re.compile(r" {0,3}> ?")
_PYTHON_PROMPT = re.compile(r">>>(?: |$)")


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of a paragraph; they break where they were broken."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Lines in letters of equal width; `wide` ones scroll instead of wrapping."""

    lines: Sequence[str]
    wide: bool


@dataclass(frozen=True, slots=True)
class Code:
    """Lines between fences, with the word behind the first fence."""

    lines: Sequence[str]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list and the indented ones below it. `marker` is as written: `-`, `3.`, `2)`, with its blanks."""

    depth: int
    marker: str
    lines: Sequence[str]

    @property
    def numbered(self) -> bool:
        return self.marker[0].isdigit()


@dataclass(frozen=True, slots=True)
class List:
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: Sequence["Block"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Blank lines beyond the one that divides two blocks."""

    count: int


Block = Text | Preformatted | Code | List | Quote | Gap


def parse(lines: Sequence[str], depth: int = 0) -> list[Block]:
    """The blocks of *lines*; *depth* is that of the quote around them. Blank lines at both ends are left out."""
    fences = find_fences(lines)
    quotes = _quotes(lines) if depth < DEEPEST_QUOTE else {}
    blocks: list[Block] = []
    at, blank = 0, 0
    while at < len(lines):
        if not lines[at].strip():
            at, blank = at + 1, blank + 1
            continue
        if blank > 1 and blocks:
            blocks.append(Gap(blank - 1))
        blank = 0
        if at in fences:
            end = fences[at]
            blocks.append(_code(lines[at:end]))
        elif at in quotes:
            end = quotes[at]
            blocks.append(Quote(parse([_QUOTE_MARK.sub("", line, count=1) for line in lines[at:end]], depth + 1)))
        else:
            end = at + 1
            while end < len(lines) and lines[end].strip() and end not in fences and end not in quotes:
                end += 1
            blocks.extend(_stretch(lines[at:end]))
        at = end
    return blocks


def find_fences(lines: Sequence[str]) -> dict[int, int]:
    """Start and end (exclusive) of each fence that is closed and holds something. An open one is plain text."""
    if not any("```" in line for line in lines):
        return {}
    found = [_FENCE.match(line) for line in lines]
    longest = [0] * (len(lines) + 1)  # the longest closing fence at or below a line
    for at in range(len(lines) - 1, -1, -1):
        fence = found[at]
        ticks = len(fence["ticks"]) if fence and not fence["label"].strip() else 0
        longest[at] = max(ticks, longest[at + 1])
    fences: dict[int, int] = {}
    at = 0
    while at < len(lines):
        fence = found[at]
        if not fence or longest[at + 1] < len(fence["ticks"]):
            at += 1
            continue
        end = at + 1
        while not ((last := found[end]) and not last["label"].strip() and len(last["ticks"]) >= len(fence["ticks"])):
            end += 1
        if any(line.strip() for line in lines[at + 1 : end]):
            fences[at] = end = end + 1
        at = end
    return fences


def _quotes(lines: Sequence[str]) -> dict[int, int]:
    """Start and end of each run of quoted lines. A lone `>` and Python's prompt `>>>` are no quotes."""
    quotes: dict[int, int] = {}
    at = 0
    while at < len(lines):
        if ">" not in lines[at]:
            at += 1
            continue
        end = at
        while end < len(lines) and _QUOTE.match(lines[end]):
            end += 1
        run = lines[at:end]
        if any(line.strip("> \t") for line in run) and not all(_PYTHON_PROMPT.match(line) for line in run):
            quotes[at] = end
        at = end + 1
    return quotes


def _code(lines: Sequence[str]) -> Code:
    """The inside of a fence, moved to the left as far as the fence itself was indented."""
    fence = _FENCE.match(lines[0])
    assert fence
    indent = fence["indent"]
    inside = [line.removeprefix(indent) if indent else line for line in lines[1:-1]]
    return Code(inside, fence["label"].strip())


def _stretch(lines: Sequence[str]) -> Iterator[Block]:
    """Lines without a blank one between them: aligned parts, lists and text, in their order."""
    if is_indented(lines):
        yield Preformatted(lines, wide=False)
        return
    done = 0
    for group in groups(lines):
        yield from _flow(lines[done : group.start])
        yield Preformatted(lines[group.start : group.end], group.wide)
        done = group.end
    yield from _flow(lines[done:])


def _flow(lines: Sequence[str]) -> Iterator[Block]:
    """Lists and paragraphs."""
    at = 0
    while at < len(lines):
        end, listed = at + 1, bool(LIST_MARKER.match(lines[at]))
        while end < len(lines):
            marked = bool(LIST_MARKER.match(lines[end]))
            if marked != listed and not (listed and lines[end][0] in " \t"):
                break
            end += 1
        yield _list(lines[at:end]) if listed else Text(lines[at:end])
        at = end


def _list(lines: Sequence[str]) -> List:
    """Items with their depth, read off their indentation; indented lines without a marker go on with their item."""
    items: list[Item] = []
    levels: list[int] = []
    below: list[str] = []
    offset = 0  # the column in which the text of the last item begins
    for line in lines:
        found = LIST_MARKER.match(line)
        if not found:
            below.append(_without_indent(line, offset))
            continue
        indent = _width(found["indent"])
        while levels and indent < levels[-1]:
            levels.pop()
        if not levels or indent > levels[-1]:
            levels.append(indent)
        below = [line[found.end() :]]
        offset = _width(line[: found.end()])
        items.append(Item(min(len(levels), DEEPEST_LIST) - 1, found["marker"] + found["gap"], below))
    return List(items)


def _width(blanks: str) -> int:
    return len(blanks.expandtabs(4))


def _without_indent(line: str, width: int) -> str:
    """*line* without at most *width* columns of the blanks that it begins with."""
    rest = line.lstrip(" \t")
    return " " * max(0, _width(line[: len(line) - len(rest)]) - width) + rest
