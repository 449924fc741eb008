"""A page loads the style sheets of its side only, so a class of a side's sheet is used by pages of that side only."""

import re
from pathlib import Path

import pytest

TEMPLATES = {str(file.relative_to("templates")): file.read_text() for file in Path("templates").rglob("*.html")}
SHEETS = {file.name: file.read_text() for file in Path("static/css").glob("*.css")}
SHARED = ("1-base.css", "2-components.css", "3-screens.css", "6-print.css")
NAMED = re.compile(r"\{% set (?:side|page)_sheets = \[(.*?)\] %\}")
# What a selector begins with.
STYLED = re.compile(r"(?:[{};,(]|^)\s*\.([a-z][\w-]+)(?=[^{};]*\{)", re.M)
MACRO = re.compile(r"\{%-? macro (\w+)\(.*?\{%-? endmacro", re.S)


def own_rules(sheet):
    """The classes that only this sheet styles."""
    text = re.sub(r"/\*.*?\*/", "", SHEETS[sheet], flags=re.S)
    others = "".join(text for name, text in SHEETS.items() if name != sheet and name != "6-print.css")
    return {name for name in STYLED.findall(text) if not re.search(rf"\.{name}(?![\w-])", others)}


def sheets_of(template):
    """The sheets that a page made from *template* is sure to load, or None for a fragment that is in no layout."""
    text = TEMPLATES[template]
    named = {sheet for names in NAMED.findall(text) for sheet in re.findall(r'"([^"]+)"', names)}
    # What an element is hidden until: its script fetches the sheet before it shows it.
    named |= set(re.findall(r"data-sheet=\"\{\{ asset\('css/([^']+)'\) \}\}\"", text))
    if "{% extends error_layout" in text:
        return named
    parents = parents_of(template)
    if not parents:
        return named if template == "layouts/base.html" else None
    return named | set.intersection(*((sheets_of(parent) or set()) for parent in parents))


def parents_of(template):
    """The layouts that *template* may extend: one, or one of two."""
    extended = re.search(r"\{% extends (.*?) %\}", TEMPLATES[template])
    return re.findall(r'"([^"]+)"', extended[1]) if extended else []


def pages_with(template, macro=None, seen=None):
    """The pages that show *template* (or a macro of it): itself, or whoever includes it or calls the macro."""
    seen = seen if seen is not None else set()
    if (template, macro) in seen:
        return set()
    seen.add((template, macro))
    if macro is None and sheets_of(template) is not None:
        return {template} if not is_extended(template) else set()
    users = [name for name, text in TEMPLATES.items() if f'"{template}"' in text]
    pages = set()
    for user in users:
        if macro is None:
            pages |= pages_with(user, None, seen)
        else:
            for caller in macros_around(user, rf"\b{macro}\("):
                pages |= pages_with(user, caller, seen)
    if macro:
        for caller in macros_around(template, rf"\b{macro}\(") - {macro, None}:
            pages |= pages_with(template, caller, seen)
    return pages


def is_extended(template):
    return any(template in parents_of(name) for name in TEMPLATES)


def macros_around(template, pattern):
    """The macros of *template* in which the pattern stands, with None for what is outside of them."""
    text = TEMPLATES[template]
    found = {m[1] for m in MACRO.finditer(text) if re.search(pattern, m[0])}
    return found | ({None} if re.search(pattern, MACRO.sub("", text)) else set())


@pytest.mark.parametrize("sheet", sorted(set(SHEETS) - set(SHARED)))
def test_the_classes_of_a_sheet_are_used_where_it_is_loaded(sheet):
    classes = own_rules(sheet)
    assert classes
    wrong = set()
    for template, text in TEMPLATES.items():
        for name in {name for names in re.findall(r'class="([^"{]*)', text) for name in names.split()} & classes:
            for macro in macros_around(template, rf'class="[^"]*(?<![\w-]){name}(?![\w-])'):
                pages = pages_with(template, macro)
                wrong |= {(name, template, page) for page in pages if sheet not in sheets_of(page)}
    assert not wrong, sorted(wrong)


def test_pages_extend_a_layout_that_names_its_sheets():
    """The frame that desk and administration share loads the sheets of neither: a page in it would be shown bare."""
    layouts = {name for name in TEMPLATES if name.startswith("layouts/")}
    wrong = {name for name in set(TEMPLATES) - layouts if "layouts/_staff.html" in parents_of(name)}
    assert not wrong
