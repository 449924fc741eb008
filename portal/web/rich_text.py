"""What people wrote, as safe HTML: light Markdown, links made clickable, no markup of their own."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "s",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "a",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
# 'js-default' leaves raw HTML as text and refuses javascript: links; line breaks are kept as written.
_markdown = MarkdownIt("js-default", {"html": False, "linkify": True, "breaks": True}).disable("image")


@lru_cache(maxsize=2048)
def rich_text(body: str) -> Markup:
    """*body* as HTML. Twice guarded: the renderer escapes markup, and the result is sanitized to a short tag list."""
    html = nh3.clean(
        _markdown.render(body),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    # Headings inside a message must not break the page's outline.
    for level in "1234":
        html = html.replace(f"<h{level}>", "<p><strong>").replace(f"</h{level}>", "</strong></p>")
    return Markup(html)  # noqa: S704 - sanitized above
