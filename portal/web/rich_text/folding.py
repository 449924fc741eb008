"""Where a long text is folded: the first rows are shown, and a line below opens the rest."""

from collections.abc import Sequence
from dataclasses import replace

from portal.web.rich_text.blocks import Block, Code, Gap, Item, List, Preformatted, Quote, Text
from portal.web.rich_text.inline import cut

ROW = 90  # characters in a row of a message, about
MOST = 60  # rows that are shown whole
SHOWN = 40  # rows that are shown of a longer text


def fold(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """What is shown at once and what is folded; the second is empty for a text of usual length."""
    if sum(map(_rows, blocks)) <= MOST:
        return list(blocks), []
    return _divide(blocks, SHOWN)


def line_count(blocks: Sequence[Block]) -> int:
    """How many lines *blocks* hold, as they were written."""
    return sum(map(_lines, blocks))


def _divide(blocks: Sequence[Block], rows: int) -> tuple[list[Block], list[Block]]:
    shown: list[Block] = []
    for at, block in enumerate(blocks):
        size = _rows(block)
        if size > rows:
            first, second = _halves(block, rows)
            return [*shown, *first], [*second, *blocks[at + 1 :]]
        shown.append(block)
        rows -= size
    return shown, []


def _halves(block: Block, rows: int) -> tuple[list[Block], list[Block]]:
    """*block* in two of its kind, the first of about *rows* rows; either may be missing."""
    if isinstance(block, Quote):
        shown, folded = _divide(block.blocks, rows)
        return _as_list(Quote(shown)), _as_list(Quote(folded))
    if isinstance(block, Gap):
        return [Gap(rows)] if rows else [], [Gap(block.count - rows)]
    if isinstance(block, List):
        return _list_halves(block.items, rows)
    if isinstance(block, Text) or (isinstance(block, Preformatted) and not block.wide):
        above, below = _text_halves(block.lines, rows)
    else:
        above, below = block.lines[:rows], block.lines[rows:]
    second = Code(below) if isinstance(block, Code) else replace(block, lines=below)
    return _as_list(replace(block, lines=above)), _as_list(second)


def _list_halves(items: Sequence[Item], rows: int) -> tuple[list[Block], list[Block]]:
    """A long item is divided too; its second half has no marker, so it is text."""
    for at, item in enumerate(items):
        size = _line_rows(item.lines)
        if size > rows:
            above, below = _text_halves(item.lines, rows)
            if not above:
                return _as_list(List(items[:at])), [List(items[at:])]
            first = List([*items[:at], replace(item, lines=above)])
            return [first], [*_as_list(Text(below)), *_as_list(List(items[at + 1 :]))]
        rows -= size
    return [List(items)], []


def _text_halves(lines: Sequence[str], rows: int) -> tuple[Sequence[str], Sequence[str]]:
    for at, line in enumerate(lines):
        size = _line_rows([line])
        if size > rows:
            place = cut(line, rows * ROW) if rows > 1 else 0
            above = [*lines[:at], line[:place]] if place else lines[:at]
            return above, [line[place:], *lines[at + 1 :]] if place < len(line) else lines[at + 1 :]
        rows -= size
    return lines, []


def _as_list(block: Block) -> list[Block]:
    return [block] if _lines(block) else []


def _rows(block: Block) -> int:
    match block:
        case Quote():
            return sum(map(_rows, block.blocks))
        case Gap():
            return block.count
        case List():
            return sum(_line_rows(item.lines) for item in block.items)
        case Text() | Preformatted(wide=False):
            return _line_rows(block.lines)
        case Preformatted() | Code():
            return len(block.lines)


def _line_rows(lines: Sequence[str]) -> int:
    return sum(1 + len(line) // ROW for line in lines)


def _lines(block: Block) -> int:
    match block:
        case Quote():
            return sum(map(_lines, block.blocks))
        case Gap():
            return block.count
        case List():
            return sum(len(item.lines) for item in block.items)
        case _:
            return len(block.lines)
