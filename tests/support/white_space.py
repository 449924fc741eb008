"""HTML with the white space that a browser would draw, and nothing else: what two renderings are compared by.

White space next to block-level elements is none, and so is white space between the children of a flex or grid
container; elsewhere a run of it is one space. Where the style sheets ask for `:empty`, an element that holds nothing
differs from one that holds white space.
"""

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from tests.support.page import VOID

STATIC = Path(__file__).resolve().parents[2] / "static" / "css"
BLOCKS = frozenset(
    {
        *(
            "html",
            "head",
            "body",
            "meta",
            "link",
            "title",
            "script",
            "style",
            "template",
            "address",
            "article",
            "aside",
        ),
        *("aside", "blockquote", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure"),
        *(
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
            "legend",
            "li",
            "main",
            "nav",
            "ol",
            "p",
        ),
        *("pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "caption"),
        *("colgroup", "col", "ul", "option", "optgroup", "br", "datalist"),
    }
)
# Boxes of their own in a line: white space inside their edges is none, white space beside them counts.
ATOMS = frozenset({"button", "select", "textarea", "input", "img", "svg", "progress", "meter", "video", "object"})
VERBATIM = frozenset({"textarea", "pre", "script", "style", "title"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_DISPLAY = re.compile(r"(?:^|[;{\s])display:\s*([\w-]+)")
_EMPTY = re.compile(r"([a-z]*)((?:\.[\w-]+)*):empty")
_COMPOUND = re.compile(r"([a-z][\w-]*|)((?:\.[\w-]+)*)")


@dataclass(frozen=True)
class Rule:
    """A rule of the style sheets that says how elements are laid out: `.footer p { display: flex }`."""

    compounds: tuple[tuple[str, frozenset[str]], ...]  # (tag or "", classes) from the outermost to the element itself
    display: str

    def holds(self, tag: str, classes: frozenset[str], around: "list[tuple[str, frozenset[str]]]") -> bool:
        """Whether it is about an element with *tag* and *classes* inside *around* (outermost first)."""
        own_tag, own_classes = self.compounds[-1]
        if own_tag not in ("", tag) or not own_classes <= classes:
            return False
        wanted = list(self.compounds[:-1])
        for outer_tag, outer_classes in reversed(around):
            if wanted and wanted[-1][0] in ("", outer_tag) and wanted[-1][1] <= outer_classes:
                wanted.pop()
        return not wanted


@cache
def layout_rules() -> tuple[Rule, ...]:
    """Rules that hold on every screen and every medium, and need no more than tags and classes."""
    found = []
    for sheet in sorted(STATIC.glob("[123]*.css")):
        for selectors, body in _plain_rules(_COMMENT.sub("", sheet.read_text())):
            if display := _DISPLAY.search(body):
                for selector in selectors.split(","):
                    parts = [_COMPOUND.fullmatch(part) for part in selector.replace(">", " ").split()]
                    if parts and all(parts):
                        compounds = tuple((m[1], frozenset(m[2].split(".")[1:])) for m in parts if m)
                        found.append(Rule(compounds, display[1]))
    return tuple(found)


def _plain_rules(css: str) -> "list[tuple[str, str]]":
    """(selectors, body) of every rule that stands in a layer and in nothing else."""
    found, around, start = [], list[str](), 0
    for place, character in enumerate(css):
        if character == "{":
            around.append(css[start:place].strip())
            start = place + 1
        elif character == "}":
            head = around.pop()
            if not head.startswith("@") and all(outer.startswith("@layer") for outer in around):
                found.append((head, css[start:place]))
            start = place + 1
        elif character == ";" and (not around or around[-1].startswith("@")):
            start = place + 1
    return found


@cache
def empty_rules() -> tuple[Rule, ...]:
    """What the style sheets say of elements that hold nothing."""
    found = set()
    for sheet in sorted(STATIC.glob("*.css")):
        for part in _EMPTY.finditer(sheet.read_text()):
            found.add((part[1], frozenset(part[2].split(".")[1:])))
    return tuple(Rule((compound,), "none") for compound in sorted(found, key=str))


@cache
def display(tag: str, classes: frozenset[str], around: "tuple[tuple[str, frozenset[str]], ...]") -> str:
    """How the style sheets lay out an element; "" where they say nothing."""
    said = ""
    for rule in layout_rules():
        if rule.holds(tag, classes, list(around)):
            said = rule.display
    return said


@dataclass(slots=True)
class _Open:
    tag: str
    classes: frozenset[str]
    flexible: bool  # lays out its children itself
    block: bool
    own_line: bool  # its content begins and ends a line
    pieces: int  # how many pieces were written when it began


class _Flow(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self.stack: list[_Open] = []
        self.spaced = True  # whether white space here would be lost: a line begins, or a space stands there already
        self.pending = False  # whether the last space has nothing of its line behind it yet

    # -- lines --------------------------------------------------------------------------------------------------------

    def _break(self) -> None:
        """A line ends here: a space before it is not drawn, nor is one after it."""
        self.pending, self.spaced = False, True

    def _space(self) -> None:
        if not self.spaced and not self.pending:
            self.pending = self.spaced = True
            self.pieces.append(" ")

    def _trim(self) -> None:
        """Take back a space at the end of a line; only tags of inline elements stand behind it."""
        for place in range(len(self.pieces) - 1, -1, -1):
            if self.pieces[place] == " ":
                del self.pieces[place]
                for open_ in self.stack:
                    open_.pieces -= open_.pieces > place
                break
            if not self.pieces[place].startswith("<") or self.pieces[place] == "<!>":
                break

    def _end_line(self) -> None:
        if self.pending:
            self._trim()
        self._break()

    # -- what the parser finds ----------------------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        hidden = tag == "input" and values.get("type") == "hidden"
        classes = frozenset((values.get("class") or "").split())
        said = display(tag, classes, tuple((open_.tag, open_.classes) for open_ in self.stack))
        inside = bool(self.stack) and self.stack[-1].flexible
        inline = said.startswith("inline") or said == "contents"
        block = inside or said in ("block", "flex", "grid") or (tag in BLOCKS and not inline)
        if block and not hidden:
            self._end_line()
        written = "".join(f" {name}" if value is None else f' {name}="{value}"' for name, value in attrs)
        self.pieces.append(f"<{tag}{written}>")
        if tag in VOID:
            if not hidden and not block:
                self._atom()
            return
        lays_out = said.endswith(("flex", "grid")) or (said == "contents" and inside) or tag == "svg"
        own_line = (block or tag in ATOMS or said.startswith("inline-")) and said != "contents"
        self.stack.append(_Open(tag, classes, lays_out, block, own_line, len(self.pieces)))
        if own_line:
            self._break()

    def _atom(self) -> None:
        self.pending, self.spaced = False, False

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        depth = next((n for n in range(len(self.stack) - 1, -1, -1) if self.stack[n].tag == tag), None)
        if depth is None:
            self.pieces.append(f"</{tag}>")
            return
        open_ = self.stack[depth]
        del self.stack[depth:]
        if open_.own_line:
            self._end_line()
        if len(self.pieces) == open_.pieces and any(rule.holds(tag, open_.classes, []) for rule in empty_rules()):
            self.pieces.append("<!>")  # nothing in it
        self.pieces.append(f"</{tag}>")
        if not open_.block and open_.own_line:
            self._atom()

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1].tag in VERBATIM:
            self.pieces.append(data if self.stack[-1].tag in ("textarea", "pre") else " ".join(data.split()))
            self._atom()
            return
        for n, word in enumerate(_SPACE.split(data)):
            if n:
                if self.stack and self.pieces and len(self.pieces) == self.stack[-1].pieces:
                    self.pieces.append("")  # white space in it: not empty
                self._space()
            if word:
                self.pieces.append(word)
                self._atom()

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.pieces.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.pieces.append(f"<!--{data}-->")


def drawn(html: str) -> list[str]:
    """Tags, words and the spaces (" ") between them that a browser would draw."""
    flow = _Flow()
    flow.feed(html)
    flow.close()
    return [piece for piece in flow.pieces if piece]
