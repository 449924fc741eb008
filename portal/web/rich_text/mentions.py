"""Mentions in a drawn text: the names behind an @ are marked, and become the names of today."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

_TAG = re.compile(r"(<[^>]*>)")
# Inside of these nothing is marked: what stands there is an address, or code.
_OPAQUE = re.compile(r"<(/?)(?:a|code|pre|summary)\b")
_MARK = Markup('<strong class="mention" dir="auto">@{}</strong>')


def mark_mentions(html: Markup, mentions: Sequence[tuple[str, str]]) -> Markup:
    """*html* with each `@name` of *mentions* (as written, and today) marked, outside of links and code."""
    if not mentions:
        return html
    names = {str(escape(written)): today for written, today in mentions}
    written = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w@./])@({written})(?!\w)")
    depth = 0
    parts: list[str] = []
    for part in _TAG.split(str(html)):
        if (tag := _OPAQUE.match(part)) is not None:
            depth += -1 if tag[1] else 1
        elif not depth and "@" in part and not part.startswith("<"):
            part = pattern.sub(lambda found: str(_MARK.format(names[found[1]])), part)
        parts.append(part)
    return Markup("".join(parts))  # noqa: S704 - the parts of safe HTML, and names that are escaped
