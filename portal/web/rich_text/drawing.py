"""Blocks as HTML. There is no white space between the tags, because it would be shown like all spaces of a text."""

from collections.abc import Callable, Sequence
from html import escape

from portal.web.rich_text.blocks import Block, Code, Gap, Item, List, Preformatted, Quote, Text
from portal.web.rich_text.inline import inline, linked

# A block whose longest line is shorter fits into the narrowest screen.
_NARROW = 30
NEWLINE = "\n"


def draw(blocks: Sequence[Block], *, lists: bool = True, line: Callable[[str], str] = inline) -> str:
    """The HTML of *blocks*, each line of their paragraphs made by *line*.

    Without *lists* the items of lists are lines of text, for mail programs that would draw bullets of their own.
    """
    return "".join(_draw(block, lists, line) for block in blocks)


def escaped(line: str) -> str:
    """*line* as HTML without any formatting."""
    return escape(line, quote=False)


def _draw(block: Block, lists: bool, line: Callable[[str], str]) -> str:
    match block:
        case Text():
            return f"<p>{_joined(block.lines, line)}</p>"
        case Preformatted():
            return f"{_pre(block.lines, block.wide)}{_joined(block.lines, linked, NEWLINE)}</pre>"
        case Code():
            label = f"<p><small>{escaped(block.label)}</small></p>" if block.label else ""
            return f"{label}{_pre(block.lines, True)}<code>{_joined(block.lines, escaped, NEWLINE)}</code></pre>"
        case List():
            return _list(block.items) if lists else f"<p>{'<br>'.join(map(_flat_item, block.items))}</p>"
        case Quote():
            return f"<blockquote>{draw(block.blocks, lists=lists, line=line)}</blockquote>"
        case Gap():
            return f"<p>{'<br>' * block.count}</p>"


def _joined(lines: Sequence[str], shape: Callable[[str], str], end: str = "<br>") -> str:
    return end.join(map(shape, lines))


def _pre(lines: Sequence[str], wide: bool) -> str:
    """What may scroll can be focused, so that it scrolls by keyboard; what cannot be focused wraps."""
    return '<pre tabindex="0">' if wide and max(map(len, lines)) > _NARROW else "<pre>"


def _list(items: Sequence[Item]) -> str:
    """Nested lists; the marker is text, so that it stays the one that was written."""
    parts: list[str] = []
    tags: list[str] = []
    for item in items:
        tag = "ol" if item.numbered else "ul"
        depth = min(item.depth, len(tags))
        while len(tags) > depth + 1:
            parts.append(f"</li></{tags.pop()}>")
        if len(tags) == depth + 1:
            parts.append("</li>")
            if tags[-1] != tag:
                parts.append(f"</{tags.pop()}>")
        if len(tags) == depth:
            parts.append(f"<{tag}>")
            tags.append(tag)
        parts.append(f"<li><span>{escaped(item.marker)}</span>{_joined(item.lines, inline)}")
    parts += [f"</li></{tag}>" for tag in reversed(tags)]
    return "".join(parts)


def _flat_item(item: Item) -> str:
    margin = "  " * item.depth
    below = margin + " " * len(item.marker)
    first, *rest = item.lines
    return "<br>".join([f"{margin}{escaped(item.marker)}{inline(first)}", *(f"{below}{inline(one)}" for one in rest)])
