"""A long text in sections: what `rich_text` draws, below headings.

Only texts of editors have headings (help articles): a line that begins with `## ` or `### `, outside of code. In all
other texts such a line is shown as it was written.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from portal.kernel.text import slugify
from portal.web.rich_text.blocks import find_fences
from portal.web.rich_text.pictures import TextPicture, draw_with_pictures

_HEADING = re.compile(r"(?P<marks>#{2,3})[ \t]+(?P<title>\S.*)$")
# A text has at most this many headings; further lines of that form are text.
MOST_HEADINGS = 200
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text below it. `level` is 2 or 3, and 0 for the text before the first heading."""

    level: int
    title: str
    anchor: str
    html: Markup


def draw_sections(body: str, pictures: Mapping[str, TextPicture] | None = None) -> Sequence[Section]:
    """*body* as sections, each completely shown, with those of *pictures* (by key) that it names. The anchors are
    unique and begin with `s-`."""

    def drawn(lines: Sequence[str]) -> Markup:
        return draw_with_pictures("\n".join(lines), pictures or {})

    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    inside = {at for start, end in find_fences(lines).items() for at in range(start, end)}
    heads = [
        (at, found)
        for at, line in enumerate(lines)
        if at not in inside and (found := _HEADING.match(line)) and len(found["title"]) <= _LONGEST_TITLE
    ][:MOST_HEADINGS]
    anchors: set[str] = set()
    first = heads[0][0] if heads else len(lines)
    sections = [Section(0, "", "", drawn(lines[:first]))] if any(map(str.strip, lines[:first])) else []
    for (at, found), (end, _next) in pairwise([*heads, (len(lines), None)]):
        assert found
        title = found["title"].strip()
        sections.append(Section(len(found["marks"]), title, _anchor(title, anchors), drawn(lines[at + 1 : end])))
    return sections


def _anchor(title: str, taken: set[str]) -> str:
    base = f"s-{slugify(title) or 'part'}"
    anchor, number = base, 2
    while anchor in taken:
        anchor, number = f"{base}-{number}", number + 1
    taken.add(anchor)
    return anchor
