"""Read-only pages: rendered with another person's context, and without anything that acts.

Templates call `read_only()` to leave out or disable what would send, and use `link_attributes(href)` for their links.
The components for buttons and forms do both for their callers.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g
from markupsafe import Markup, escape

from portal.kernel.context import Context


@contextmanager
def draw_as(context: Context, *, keep: str) -> Iterator[None]:
    """Draw templates read-only with *context* instead of the request's own: its person, its permissions, its menus.

    Links within the page and to paths under *keep* work; all others are drawn without a target.
    """
    own, frame = g.ctx, g.pop("page_frame", None)
    g.ctx, g.read_only_keep = context, keep
    try:
        yield
    finally:
        g.ctx = own
        g.pop("read_only_keep")
        g.pop("page_frame", None)
        if frame is not None:
            g.page_frame = frame


def read_only() -> bool:
    """Whether the page that is being drawn must not offer anything that acts."""
    return "read_only_keep" in g


def link_attributes(href: str) -> Markup:
    """The attributes of a link to *href*, with a blank in front; without the target where the page is read-only."""
    if not read_only() or href == g.read_only_keep or href.startswith(("#", f"{g.read_only_keep}/")):
        return Markup(f' href="{escape(href)}"')  # noqa: S704 - escaped
    return Markup(' aria-disabled="true"')
