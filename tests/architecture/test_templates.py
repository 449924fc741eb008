"""Templates: nothing that the strict Content-Security-Policy would refuse, nothing that hides how a page works."""

import re

import pytest
from jinja2 import nodes

from tests.architecture.source import TEMPLATES, template_sources, template_trees, templates

LONGEST = 160
# Elements that stand on lines of their own; those of a phrase (a link, a name, an icon) may share one.
ONE_A_LINE = (
    *("address", "article", "aside", "blockquote", "body", "button", "caption", "dd", "details", "dialog", "div", "dl"),
    *("dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "html", "img", "input"),
    *("label", "legend", "li", "link", "main", "meta", "nav", "ol", "optgroup", "option", "p", "pre", "progress"),
    *("script", "section", "select", "summary", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead"),
    *("title", "tr", "ul"),
)

FORBIDDEN = {
    "style=": (r"<[^>]*\sstyle=", "inline style is refused by the CSP; a class says what is meant"),
    "on…=": (r"<[^>]*\son[a-z]+=", "inline handlers are refused by the CSP; app.js listens"),
    "hx-on": (r"\shx-on", "it evaluates code: refused by the CSP"),
    "js:": (r"=[\"']?\s*(js|javascript):", "it evaluates code: refused by the CSP"),
    "inline script": (r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", "refused by the CSP"),
    "inline style element": (r"<style\b", "refused by the CSP"),
    "hx-boost": (r"hx-boost", "normal navigation between pages, htmx for islands (ux.md D2)"),
    "|safe": (r"\|\s*safe\b", "what is safe is made safe by rich_text or Markup, in Python, where it is tested"),
    "autoescape off": (r"autoescape\s+false", "every template escapes"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
@pytest.mark.check(32, "0 in every template")
def test_no_template_uses(name):
    pattern, why = FORBIDDEN[name]
    found = []
    for path, text in templates():
        bare = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
        found += [f"{path}: {match.group(0)[:60]!r}" for match in re.finditer(pattern, bare)]
    assert not found, why


def test_every_unsafe_form_is_written_with_its_token():
    """The request check refuses a form without one; the person would lose what they typed."""
    token = r"csrf_token|hidden_tag|caller\("
    macros = [m for _p, text in templates() for m in re.findall(r"macro (\w+)\((.*?)endmacro", text, re.S)]
    token += "".join(rf"|\b{name}\(" for name, body in macros if re.search(token, body) and "<form" not in body)
    wrong = []
    for path, text in templates():
        bare = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
        for form in re.finditer(r"<form\b[^>]*method=[\"']?post.*?</form>", bare, re.S | re.I):
            if not re.search(token, form.group(0)):
                wrong.append(f"{path}: {form.group(0)[:80]!r}")
    assert not wrong


def test_why_a_form_was_a_conflict_is_read_from_the_form():
    """Routes that had to hand it on forgot it, and seven pages answered 409 without a sentence."""
    wrong = []
    for (path, _text), (_path, tree) in zip(templates(), template_trees(), strict=True):
        if path.parts[0] != "components":
            wrong += [str(path) for one in tree.find_all(nodes.Name) if one.name == "conflict"]
    assert not wrong, "use form.conflict"


def test_components_know_no_page():
    """A macro that builds URLs or reads the session cannot be used elsewhere."""
    wrong = [str(p) for p, text in templates() if p.parts[0] == "components" and re.search(r"url_for\(|\bctx\b", text)]
    assert not wrong


def test_every_element_that_htmx_obeys_carries_the_nonce():
    """htmx obeys only elements that a template drew; without the nonce of the answer their attributes are removed."""
    asks = r"hx-(?:get|post|put|patch|delete)\b"
    wrong = []
    for (path, text), (_path, tree) in zip(templates(), template_trees(), strict=True):
        bare = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
        elements = re.findall(rf"<\w[^>]*\s{asks}[^>]*", bare)
        given = [pairs for pairs in map(attributes, tree.find_all(nodes.Dict)) if re.search(asks, " ".join(pairs))]
        assert len(re.findall(asks, bare)) == len(elements) + len(given), f"{path}: an element that cannot be read"
        wrong += [f"{path}: {found[:80]!r}" for found in elements if "script_nonce()" not in found]
        wrong += [f"{path}: {pairs}" for pairs in given if pairs.get("hx-nonce") != "script_nonce"]
    assert not wrong


def attributes(written: nodes.Dict) -> dict[str, str]:
    """The keys of a dict literal; as values the names of the functions that are called for them."""
    return {
        str(getattr(pair.key, "value", "")): getattr(getattr(pair.value, "node", None), "name", "")
        for pair in written.items
    }


def test_the_form_token_travels_with_forms_only():
    """What inherits it from the page could be anything that somebody put there."""
    wrong = [str(path) for path, text in templates() if "hx-headers" in text or "X-CSRFToken" in text]
    assert not wrong


def test_no_line_is_long():
    lengths = [
        (len(line), f"{path}:{number}")
        for path, text in template_sources()
        for number, line in enumerate(text.splitlines(), start=1)
    ]
    print(f"longest template line: {max(lengths)[0]} ({max(lengths)[1]})")
    assert not [place for length, place in lengths if length > LONGEST]


def test_one_element_a_line():
    """A reader finds an element at the beginning of its line; a difference shows the element that changed."""
    opening = re.compile(rf"<(?:{'|'.join(ONE_A_LINE)})(?=[\s>{{/]|$)")
    wrong = []
    for path, text in template_sources():
        bare = re.sub(r"\{#.*?#\}", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.S)
        lines = enumerate(bare.splitlines(), start=1)
        wrong += [f"{path}:{number}" for number, line in lines if len(opening.findall(line)) > 1]
    assert not wrong


def test_what_is_imported_is_used():
    wrong = []
    for path, tree in template_trees():
        imported = [n if isinstance(n, str) else n[1] for i in tree.find_all(nodes.FromImport) for n in i.names]
        imported += [i.target for i in tree.find_all(nodes.Import)]
        used = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}
        wrong += [f"{path}: {name}" for name in imported if name not in used]
        wrong += [f"{path}: {name}, twice" for name in set(imported) if imported.count(name) > 1]
    assert not wrong


def test_the_templates_that_a_template_names_are_there():
    wrong = []
    for path, tree in template_trees():
        for named in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            there = named.template.value if isinstance(named.template, nodes.Const) else ""
            if there and not (TEMPLATES / there).is_file():
                wrong.append(f"{path}: {there}")
    assert not wrong


def test_text_that_keeps_its_spaces_is_written_on_one_line():
    """Templates lose their indentation when they are compiled (web/template_indentation)."""
    kept = re.compile(r"<(pre|textarea)\b(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*>\n?(.*?)</\1>", re.S)
    written = [(path, found[2]) for path, text in templates() for found in kept.finditer(text)]
    assert len(written) > 4
    assert not [f"{path}: {content}" for path, content in written if "\n" in content]
