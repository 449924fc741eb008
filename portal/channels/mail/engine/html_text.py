"""HTML of a mail as text and as safe HTML. The text reader is a scanner without a tree, so depth cannot hurt it."""

import re
from html.parser import HTMLParser

import nh3

from portal.kernel.text import clean_text

# fmt: off
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
# fmt: on
_PARAGRAPHS = frozenset(["p", "ul", "ol", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6"])
_SKIPPED = frozenset(["head", "script", "style", "template", "title"])
_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"])
_HIDDEN = re.compile(r"(?i)(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)")
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")
# Deeper quotes are shown at this depth.
_DEEPEST = 10


class _TextReader(HTMLParser):
    """Collects lines. A block quote becomes `> `, an item `- `; cells of a row are separated by a tab."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._line = ""
        self._quotes = self._pre = 0
        self._skipped: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if self._skipped:
            if tag == self._skipped[-1] and tag not in _VOID:
                self._skipped.append(tag)
            return
        hidden = _HIDDEN.search(values.get("style") or "") or "hidden" in values
        if (tag in _SKIPPED or hidden) and tag not in _VOID and tag != "body":
            self._skipped.append(tag)
        elif tag == "br":
            self._end_line()
        elif tag == "blockquote":
            self._end_block()
            self._quotes += 1
        elif tag in ("td", "th"):
            self._line += "\t" if self._line.strip() else ""
        elif tag in _BLOCKS:
            self._end_block(tag in _PARAGRAPHS)
            self._pre += tag == "pre"
            self._line += "- " if tag == "li" else ""
        elif tag == "a":
            self._links.append((values.get("href") or "", len(self._line)))
        elif tag == "img" and (values.get("alt") or "").strip():
            self._line += f"[{(values['alt'] or '').strip()[:200]}]"

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            if tag == self._skipped[-1]:
                self._skipped.pop()
        elif tag == "blockquote":
            self._end_block()
            self._quotes = max(0, self._quotes - 1)
        elif tag in _BLOCKS and tag not in ("td", "th"):
            self._end_block(tag in _PARAGRAPHS)
            self._pre = max(0, self._pre - (tag == "pre"))
        elif tag == "a" and self._links:
            self._end_link(*self._links.pop())

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        if self._pre:
            first, *others = data.replace("\r\n", "\n").split("\n")
            self._line += first
            for other in others:
                self._end_line()
                self._line = other
            return
        text = _SPACES.sub(" ", data)
        self._line += text.lstrip() if not self._line or self._line.endswith((" ", "\t")) else text

    def _end_link(self, target: str, start: int) -> None:
        """Name the target of a link, unless its words are the target."""
        words = self._line[start:].strip()
        plain = re.sub(r"^(?:mailto:|tel:|https?://(?:www\.)?)", "", target).rstrip("/")
        if re.match(r"https?://", target) and plain and plain not in words and len(target) <= 2_000:
            self._line = f"{self._line.rstrip()} <{target}>" if words else self._line

    def _end_block(self, apart: bool = False) -> None:
        if self._line.strip():
            self._end_line()
        self._line = ""
        if apart and self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * min(self._quotes, _DEEPEST))

    def _end_line(self) -> None:
        self.lines.append("> " * min(self._quotes, _DEEPEST) + self._line.rstrip())
        self._line = ""

    def text(self) -> str:
        """Everything that was read, with at most one blank line in a row."""
        self._end_block()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in self.lines)).strip("\n")


def html_to_text(html: str) -> str:
    """The visible text of *html*. Hidden elements are left out, as in a mail program."""
    reader = _TextReader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError, RecursionError):
        # The scanner refuses some declarations. What it has read stays; the rest is shown without tags.
        rest = clean_text(re.sub(r"<[^>]*>", " ", reader.rawdata))
        return f"{reader.text()}\n{rest}".strip("\n")
    return clean_text(reader.text())


# fmt: off
_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
# fmt: on


def safe_html(html: str) -> str:
    """*html* with structure and links only: no styles, scripts or forms, and no picture that would be fetched."""
    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "title", "template"},
        attributes={"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        attribute_filter=_keep_attribute,
        link_rel="noopener noreferrer nofollow",
    )


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Pictures of the same message only: a remote one tells its server who reads."""
    return None if (tag, name) == ("img", "src") and not value.startswith("cid:") else value
