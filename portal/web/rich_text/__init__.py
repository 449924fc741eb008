"""Texts of people as safe HTML. No written character disappears or changes; formatting only adds.

docs/text.md describes the formatting, and docs/decisions/0015-text-as-written.md the reasons against a Markdown
library.
"""

import sys
from collections.abc import Sequence, Sized
from dataclasses import dataclass

import nh3
from flask_babel import ngettext
from markupsafe import Markup

from portal.kernel.cache import Cache
from portal.web.rich_text.blocks import Block, Text, parse
from portal.web.rich_text.drawing import draw, escaped
from portal.web.rich_text.folding import fold, line_count
from portal.web.rich_text.inline import SCHEMES

# The HTML of a text has at most TIMES its characters, and EXTRA; a text of more than LONGEST is not formatted.
TIMES, EXTRA = 8, 1_500
LONGEST = 100_000

_TAGS = {"p", "br", "strong", "small", "code", "pre", "ul", "ol", "li", "span", "a", "blockquote"}
# Mail programs ignore style sheets.
_MAIL_STYLES = {
    "<pre": '<pre style="white-space:pre-wrap;font:13px/1.5 monospace"',
    "<blockquote": '<blockquote style="margin:0;padding-left:12px;border-left:2px solid #9aa5ab"',
}


@dataclass(frozen=True, slots=True)
class RichText:
    """A text as HTML: what is shown at once, and what is folded below it with the number of its lines."""

    shown: Markup
    folded: Markup
    lines: int

    def __len__(self) -> int:
        return len(self.shown) + len(self.folded)


def _bytes_of(body: str, text: RichText) -> int:
    return sum(map(sys.getsizeof, (body, text.shown, text.folded)))


_drawn: Cache[str, RichText] = Cache(max_bytes=16_000_000, size=_bytes_of)


def rich_text(body: str, whole: bool = False) -> Markup:
    """*body* as HTML. A long text shows its first part and has the rest in a `<details>`, unless *whole*."""
    if whole:
        return render(body, folding=False).shown
    text = _drawn.load(body, lambda: render(body))
    if not text.folded:
        return text.shown
    label = ngettext("Show %(num)d more line", "Show %(num)d more lines", text.lines)
    return Markup('{}<details class="rest"><summary>{}</summary><div>{}</div></details>').format(
        text.shown, label, text.folded
    )


def mail_text(body: str) -> Markup:
    """*body* as the HTML of a mail: whole, lists as lines, with the few styles that mail programs need."""
    lines = _lines(body)
    html = _plain([Text(lines)])
    if len(body) <= LONGEST:
        formatted = _styled(sanitized(draw(parse(lines), lists=False)))
        html = formatted if _fits(formatted, body) else html
    return Markup('<div style="white-space:pre-wrap">{}</div>').format(html)


def keep_lines(body: str) -> str:
    """*body* for a text template whose own gaps are closed afterwards: line ends as a character that no text holds."""
    return "\0".join(_lines(body))


def restore_lines(text: str) -> str:
    """The line ends of `keep_lines` in *text*, as they were."""
    return text.replace("\0", "\n")


def render(body: str, folding: bool = True) -> RichText:
    """*body* as HTML, in time and size linear in its length. If the formatted text would be too large, it is not
    formatted."""
    lines = _lines(body)
    if len(body) <= LONGEST:
        blocks = parse(lines)
        shown, folded = fold(blocks) if folding else (blocks, [])
        text = RichText(sanitized(draw(shown)), sanitized(draw(folded)), line_count(folded))
        if _fits(text, body):
            return text
    shown, folded = fold([Text(lines)]) if folding else ([Text(lines)], [])
    return RichText(_plain(shown), _plain(folded), line_count(folded))


def _lines(body: str) -> list[str]:
    return body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}").split("\n")


def _fits(html: Sized, body: str) -> bool:
    return len(html) <= TIMES * len(body) + EXTRA


def sanitized(html: str) -> Markup:
    """The second check: only a short list of tags and attributes passes, whatever the renderer made."""
    return Markup(  # noqa: S704 - escaped by the renderer, sanitized here
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}, "pre": {"tabindex"}},
            url_schemes=SCHEMES,
            link_rel="noreferrer nofollow",
        )
    )


def _plain(blocks: Sequence[Block]) -> Markup:
    return Markup(draw(blocks, line=escaped))  # noqa: S704 - paragraphs of escaped lines


def _styled(html: Markup) -> Markup:
    """*html* with styles in its tags; its text holds no `<`, so nothing else is met."""
    for tag, styled in _MAIL_STYLES.items():
        html = Markup(str(html).replace(tag, styled))  # noqa: S704 - safe before, and constants of ours
    return html
