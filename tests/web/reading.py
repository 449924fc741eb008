"""What a reader sees of drawn HTML, and what its markup may have taken from the source."""

from collections import Counter
from html.parser import HTMLParser

# Tags that may stand in drawn text, with the attributes they may have.
BARE = ("p", "br", "strong", "small", "code", "ul", "ol", "li", "span", "blockquote")
ALLOWED: dict[str, set[str]] = {tag: set() for tag in BARE} | {"pre": {"tabindex"}, "a": {"href", "rel"}}
BLOCKS = ("div", "p", "pre", "li", "ul", "ol", "blockquote")


class Reader(HTMLParser):
    """`text`: what is visible, a line a line. `tags`: every tag with its attributes. `links`: targets and labels."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.links: list[tuple[str, str]] = []
        self.deepest = 0
        self._opened: list[str] = []
        self.feed(str(html))
        self.close()
        assert not self._opened

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "br":
            self.text += "\n"
            return
        self._opened.append(tag)
        self.deepest = max(self.deepest, len(self._opened))
        if tag in BLOCKS and not self.text.endswith("\n"):
            self.text += "\n"
        if tag == "a":
            self.links.append((dict(attrs)["href"] or "", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._opened.pop() == tag
        if tag in BLOCKS and not self.text.endswith("\n"):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        self.text += data
        if "a" in self._opened:
            target, label = self.links[-1]
            self.links[-1] = (target, label + data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _attributes in self.tags)


def visible(html: str) -> str:
    """The text of *html* as a page shows it, without the line ends around it."""
    return Reader(html).text.strip("\n")


def not_blank(text: str) -> str:
    return "".join(text.split())


def is_in_order(part: str, whole: str) -> bool:
    """Whether all characters of *part* stand in *whole*, in this order."""
    rest = iter(whole)
    return all(letter in rest for letter in part)


def markers_of(read: Reader) -> Counter[str]:
    """The most characters that the markup of *read* can stand for: what may be missing in its text, and no more."""
    endless = 10**9
    markers = Counter({"*": 4 * read.count("strong")})
    markers["`"] = endless if read.count("code") else 0
    markers[">"] = endless if read.count("blockquote") else 0
    for target, label in read.links:
        if label != target:
            markers.update(f"[]({target})")
    return markers


def assert_nothing_is_lost(source: str, html: str) -> None:
    """Every character of *source* that is not blank is seen in *html*, in order, but for markers that were drawn."""
    read = Reader(html)
    written, seen = not_blank(source), not_blank(read.text)
    assert is_in_order(seen, written)
    missing = Counter(written) - Counter(seen)
    assert not missing - markers_of(read)


def assert_safe(html: str) -> None:
    """Only the tags and attributes that drawn text has, and links that lead to web, mail or phone."""
    for tag, attributes in Reader(html).tags:
        assert set(attributes) <= ALLOWED[tag]
        if tag == "a":
            assert (attributes["href"] or "").lower().startswith(("http://", "https://", "mailto:", "tel:"))
