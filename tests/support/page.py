"""A parsed page: elements, text and forms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from lxml import etree

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
RAW = frozenset({"script", "style", "template"})


@dataclass(slots=True)
class Element:
    """One element; `children` holds elements and strings in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)

    def walk(self) -> "Iterator[Element]":
        """This element and everything in it, in document order."""
        waiting: list[Element] = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]

    def all(self, tag: str = "", /, **attributes: object) -> "list[Element]":
        """Elements with *tag* and *attributes* (True: whatever value; `class_` matches one class)."""
        return [e for e in self.walk() if (not tag or e.tag == tag) and e._has(attributes)]

    def first(self, tag: str = "", /, **attributes: object) -> "Element":
        """The first of `all`; an AssertionError that names what is missing."""
        found = self.all(tag, **attributes)
        assert found, f"no <{tag or '*'}> with {attributes or 'any attributes'}"
        return found[0]

    def _has(self, wanted: dict[str, object]) -> bool:
        for name, value in wanted.items():
            name = name.rstrip("_").replace("_", "-")
            if name not in self.attributes:
                return False
            if value is True:
                continue
            if name == "class" and value in self.attributes["class"].split():
                continue
            if self.attributes[name] != value:
                return False
        return True

    @property
    def text(self) -> str:
        """The readable text, with spaces collapsed."""
        parts = (
            child.text if isinstance(child, Element) else child
            for child in self.children
            if not (isinstance(child, Element) and child.tag in RAW)
        )
        return " ".join(" ".join(parts).split())

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)


@dataclass(slots=True)
class Form:
    """A form with what a browser would send if nothing was touched."""

    action: str
    method: str
    values: dict[str, list[str]]
    element: Element

    def filled(self, **fields: object) -> dict[str, object]:
        """The values to send with *fields* written over them; None leaves a field out."""
        data: dict[str, object] = {k: v if len(v) != 1 else v[0] for k, v in self.values.items()}
        data.update(fields)
        return {k: v for k, v in data.items() if v is not None}

    def __getitem__(self, name: str) -> str:
        """The value of a field as the form shows it."""
        return self.values.get(name, [""])[0]


class Page(Element):
    """A whole document or a fragment."""

    @property
    def title(self) -> str:
        return self.first("title").text

    @property
    def heading(self) -> str:
        return self.first("h1").text

    @property
    def links(self) -> list[str]:
        return [a.get("href") for a in self.all("a", href=True)]

    @property
    def forms(self) -> list[Form]:
        return [as_form(e) for e in self.all("form")]

    def form(self, action: str) -> Form:
        """The form that sends to *action* (path compared without its query)."""
        for form in self.forms:
            if form.action.partition("?")[0] == action:
                return form
        raise AssertionError(f"no form sends to {action}; there are {[f.action for f in self.forms]}")


def as_form(element: Element) -> Form:
    """The form at *element*: fields by name, as a browser fills them before anybody types."""
    values: dict[str, list[str]] = {}
    for field_ in element.walk():
        name = field_.get("name")
        if not name or "disabled" in field_.attributes:
            continue
        if field_.tag == "input":
            kind = field_.get("type", "text")
            if kind in ("submit", "button", "image", "reset", "file"):
                continue
            if kind in ("checkbox", "radio"):
                if "checked" in field_.attributes:
                    values.setdefault(name, []).append(field_.get("value", "on"))
                continue
            values.setdefault(name, []).append(field_.get("value"))
        elif field_.tag == "textarea":
            raw = "".join(c for c in field_.children if isinstance(c, str))
            values.setdefault(name, []).append(raw.removeprefix("\r").removeprefix("\n"))
        elif field_.tag == "select":
            options = field_.all("option")
            chosen = [o for o in options if "selected" in o.attributes] or options[:1]
            values.setdefault(name, []).extend(o.get("value", o.text) for o in chosen)
    return Form(element.get("action"), element.get("method", "get").lower(), values, element)


class _Builder:
    """Builds the elements from what a parser finds: the one of lxml, which comes with quotequail and takes a quarter of
    the time, or that of the standard library."""

    def __init__(self) -> None:
        self.root = Page("#document")
        self.open: list[Element] = [self.root]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, dict(attributes))
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, _tag: str) -> None:
        self.open.pop()

    def data(self, data: str) -> None:
        """Text comes in pieces: an apostrophe is one of its own."""
        children = self.open[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += data
        else:
            children.append(data)

    def close(self) -> Page:
        return self.root


class _FragmentParser(HTMLParser):
    """For what is no whole page: lxml would put it into one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.builder = _Builder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.builder.open) - 1, 0, -1):
            if self.builder.open[depth].tag == tag:
                del self.builder.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self.builder.data(data)


def parse(html: str) -> Page:
    """The elements of *html*."""
    if "<html" in html[:600]:
        parser = etree.HTMLParser(target=_Builder(), huge_tree=True)
        # Returns are seen as they were sent; a parser of HTML would read them as ends of lines.
        page: Page = etree.fromstring(html.replace("\r", "&#13;"), parser)
        return page
    fragments = _FragmentParser()
    fragments.feed(html)
    fragments.close()
    return fragments.builder.root
