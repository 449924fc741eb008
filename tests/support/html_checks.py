"""Checks of every page that any test fetches: a broken page fails that test (STYLE 2.4)."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence

from tests.support.page import Element, Page

NAMED_BY = ("aria-label", "aria-labelledby", "title")


def find_faults(page: Page, *, whole: bool) -> list[str]:
    """The faults of *page*; a fragment needs neither title nor heading nor main."""
    found = []
    elements = [e for e in page.walk() if e.tag != "#document"]
    ids = Counter(e.get("id") for e in elements if e.get("id"))
    if whole:
        found += _frame(elements)
        found += [f"{name} leads to “{there}”, which is not on the page" for name, there in _leads(elements, ids)]
    found += [f"the id “{name}” stands on {n} elements" for name, n in ids.items() if n > 1]
    for element in elements:
        found += _inline(element)
        if element.tag == "form" and element.get("method").lower() == "post":
            found += _form(element)
        hidden = element.get("aria-hidden") == "true" and element.get("tabindex") == "-1"
        if element.tag == "button" and not hidden and not _named(element):
            found.append(f"a button without words: {element.attributes}")
        if element.tag == "a" and element.get("href") and not _named(element):
            found.append(f"a link without words: {element.attributes}")
    return found


def find_acting_elements(page: Page, *, keep: str) -> list[str]:
    """The elements of *page* that send, fetch or link away, except links within the page and to paths under *keep*."""
    return list(_acting(page, keep, disabled=False))


def _acting(element: Element, keep: str, *, disabled: bool) -> Iterator[str]:
    shown = f"<{element.tag}> {element.attributes}"
    disabled = disabled or "disabled" in element.attributes
    href = element.get("href")
    if (
        element.tag == "form"
        or any(name.startswith("hx-") for name in element.attributes)
        or (element.tag == "a" and href and href != keep and not href.startswith(("#", f"{keep}/")))
        or (element.tag in ("button", "input", "select", "textarea") and not disabled)
    ):
        yield shown
    for child in element.children:
        if isinstance(child, Element):
            yield from _acting(child, keep, disabled=disabled)


def _frame(elements: Sequence[Element]) -> list[str]:
    """Title, one heading, one main part, a language."""
    found = []
    if not any(e.tag == "title" and e.text for e in elements):
        found.append("no title")
    tags = Counter(e.tag for e in elements)
    for tag in ("h1", "main"):
        if tags[tag] != 1:
            found.append(f"{tags[tag]} <{tag}> instead of one")
    if not any(e.tag == "html" and e.get("lang") for e in elements):
        found.append("no language on <html>")
    return found


def _leads(elements: Sequence[Element], ids: Container[str]) -> Iterator[tuple[str, str]]:
    """References to missing ids: of labels, descriptions, links and answers of the server."""
    for element in elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for there in element.get(name).split():
                if there not in ids:
                    yield f"{name} on <{element.tag}>", there
        for name in ("href", "hx-target"):
            there = element.get(name)
            if there.startswith("#") and there not in ("#", "#top") and there[1:] not in ids:
                yield f"{name} on <{element.tag}>", there[1:]


def _inline(element: Element) -> list[str]:
    """Elements that the Content-Security-Policy would refuse."""
    found = [f"{name} on <{element.tag}>" for name in element.attributes if name.startswith(("on", "hx-on"))]
    if "style" in element.attributes:
        found.append(f"style on <{element.tag}>")
    if element.tag == "style":
        found.append("an inline <style>")
    if element.tag == "script" and "src" not in element.attributes and element.get("type") != "application/json":
        found.append("an inline <script>")
    return found


def _form(element: Element) -> list[str]:
    found = []
    if not element.get("action"):
        found.append("a form without action")
    if not any(field.get("name") == "csrf_token" for field in element.all("input")):
        found.append(f"the form to {element.get('action')} has no csrf_token")
    return found


def _named(element: Element) -> bool:
    if element.text or any(element.get(name) for name in NAMED_BY):
        return True
    return any(e.get("alt") or e.get("aria-label") or (e.tag == "title" and e.text) for e in element.walk())
