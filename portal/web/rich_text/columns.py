"""Which lines of a text are a table, a log or a drawing: people align them by blanks, so they need equal letters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LIST_MARKER = re.compile(r"(?P<indent>[ \t]*)(?P<marker>[-+*•–]|\d{1,9}[.)])(?P<gap>[ \t]+)(?=\S)")

_HINT = re.compile(r"\S(?:  |\t)|[|─-╿]|\+-")
_RUN = re.compile(r"(?<=\S)(?: {2,}| *\t[ \t]*)(?=\S)")
_BLANKS = re.compile(" +")
_SENTENCE = re.compile(r"[.!?:;,] {2}$")
_DRAWN = re.compile("[─-╿]|^\\s*\\+-[-+]")
_RULE = re.compile(r"[\s=+|_:.*~^-]+$")


@dataclass(frozen=True, slots=True)
class Group:
    """Lines `start` to `end` (exclusive) are aligned. `wide`: by clear columns, which wrapping would break."""

    start: int
    end: int
    wide: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, where words begin in it behind a gap that is wider than a blank, and whether such gaps are clear."""

    text: str
    columns: frozenset[int]
    clear: bool


def groups(lines: Sequence[str]) -> list[Group]:
    """The aligned stretches of *lines*, in order, each of at least two lines."""
    if not any(_HINT.search(line) for line in lines):
        return []
    read = [_read(line) for line in lines]
    inside = [line.clear for line in read]
    for at in range(1, len(read)):
        if read[at].columns & read[at - 1].columns:
            inside[at - 1] = inside[at] = True
    _spread(read, inside, range(len(read)))
    _spread(read, inside, range(len(read) - 1, -1, -1))
    found: list[Group] = []
    start = 0
    for at in range(len(read) + 1):
        if at < len(read) and inside[at]:
            continue
        if at - start >= 2:
            clear = sum(line.clear for line in read[start:at])
            found.append(Group(start, at, wide=2 * clear >= at - start))
        start = at + 1
    return found


def is_indented(lines: Sequence[str]) -> bool:
    """Whether *lines* are code or a trace: half of them begin with blanks, and not because of a list."""
    first = next((line for line in lines if _indent(line) or LIST_MARKER.match(line)), "")
    if not first or LIST_MARKER.match(first):
        return False
    count = sum(_indent(line) for line in lines)
    return count >= 2 and 2 * count >= len(lines)


def _indent(line: str) -> bool:
    return line.startswith(("  ", "\t"))


def _spread(lines: Sequence[_Line], inside: list[bool], order: range) -> None:
    """A neighbor joins an aligned line if it begins a word in one of its columns, or is a rule of dashes."""
    columns: frozenset[int] = frozenset()
    before = False
    for at in order:
        line = lines[at]
        if not inside[at] and before:
            words = (found.end() for found in _BLANKS.finditer(line.text))
            inside[at] = bool(_RULE.match(line.text)) or not columns.isdisjoint(words)
        before = inside[at]
        columns = (line.columns or columns) if before else frozenset()


def _read(text: str) -> _Line:
    marker = LIST_MARKER.match(text)
    runs = [
        found
        for found in _RUN.finditer(text, marker.end() if marker else 0)
        if not _SENTENCE.search(text, max(found.start() - 1, 0), found.end())
    ]
    clear = (
        len(runs) >= 2
        or any(len(found[0]) >= 3 or "\t" in found[0] for found in runs)
        or text.count("|") >= 2
        or bool(_DRAWN.search(text))
    )
    columns = frozenset(() if "\t" in text else (found.end() for found in runs))
    return _Line(text, columns, clear)
