"""Templates: nothing that the strict Content-Security-Policy would refuse, nothing that hides how a page works."""

import re

import pytest

from tests.architecture.source import templates

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


def test_components_know_no_page():
    """A macro that builds URLs or reads the session cannot be used elsewhere."""
    wrong = [str(p) for p, text in templates() if p.parts[0] == "components" and re.search(r"url_for\(|\bctx\b", text)]
    assert not wrong


def test_every_element_that_htmx_obeys_carries_the_nonce():
    """htmx obeys only elements that a template drew; without the nonce of the answer their attributes are removed."""
    asks = r"hx-(?:get|post|put|patch|delete)\b"
    wrong = []
    for path, text in templates():
        bare = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
        elements = re.findall(rf"<\w[^>]*\s{asks}[^>]*", bare) + re.findall(r"attrs=\{'hx-.*?\}\)", bare)
        assert len(re.findall(asks, bare)) == len(elements), f"{path}: an element that this test cannot read"
        wrong += [f"{path}: {found[:80]!r}" for found in elements if "script_nonce()" not in found]
    assert not wrong


def test_the_form_token_travels_with_forms_only():
    """What inherits it from the page could be anything that somebody put there."""
    wrong = [str(path) for path, text in templates() if "hx-headers" in text or "X-CSRFToken" in text]
    assert not wrong
