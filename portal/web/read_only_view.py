"""Looking at a page as somebody else sees it: drawn with their eyes, and with nothing on it that acts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import g

from portal.kernel.context import Context

_TAG = re.compile(r"<(/?)(form|a|button|input|select|textarea|summary)\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s([a-zA-Z:.-]+)(?:=("[^"]*"|'[^']*'|[^\s"'>]+))?""")
# What would send, fetch or lead away; everything else only describes.
_ACTS = frozenset({"action", "method", "enctype", "href", "formaction", "download", "target", "data-guard", "data-key"})


@contextmanager
def draw_as(context: Context) -> Iterator[None]:
    """Draw templates with *context* instead of the request's own: its person, its permissions, its menus."""
    own, frame = g.ctx, g.pop("page_frame", None)
    g.ctx = context
    try:
        yield
    finally:
        g.ctx = own
        g.pop("page_frame", None)
        if frame is not None:
            g.page_frame = frame


def make_read_only(html: str, *, keep: str) -> str:
    """*html* with forms turned into plain boxes, controls disabled and links dead, except those under the path *keep*.

    Templates escape every attribute, so a tag never holds a bare angle bracket.
    """
    # With its controls dead, nothing in the column beside would take the keyboard to where it scrolls.
    return _TAG.sub(lambda found: _disable_tag(found, keep), html).replace(
        '<aside class="columns__aside">', '<aside class="columns__aside" tabindex="0">'
    )


def _disable_tag(found: re.Match[str], keep: str) -> str:
    closing, tag, rest = found[1], found[2].lower(), found[3]
    name = "div" if tag == "form" else tag
    if closing:
        return f"</{name}>"
    attributes = {m[1].lower(): m[2] for m in _ATTRIBUTE.finditer(rest)}
    target = (attributes.get("href") or "").strip("\"'")
    if tag == "summary" or (tag == "a" and (target == keep or target.startswith(("#", f"{keep}/")))):
        return found[0]
    if tag == "input" and attributes.get("type", "").strip("\"'") == "hidden":
        return ""
    kept = "".join(
        f" {key}={value}" if value is not None else f" {key}"
        for key, value in attributes.items()
        if key not in _ACTS and not key.startswith("hx-")
    )
    if tag in ("button", "input", "select", "textarea"):
        kept += " disabled"
    if tag in ("button", "a"):
        kept += ' aria-disabled="true"'
    return f"<{name}{kept}>"
