"""HTML is drawn by templates from values; nothing rewrites it afterwards by a pattern."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import dotted, modules

# What gives HTML that is finished, and the names that values of it have.
DRAWS = ("render_template", "render_template_string", "get_data", "clean", "sanitized", "Markup", "escape")
NAMES = ("html", "drawn", "cleaned", "markup", "rendered", "page_html")
TAG = re.compile(r"<[a-zA-Z/!]")
REWRITES = ("replace", "sub", "subn", "translate")
REASONS = {
    "portal.web.rich_text.mentions.mark_mentions": "marks names between the tags of safe HTML",
    "portal.web.unsent_text.find_missing_text": "compares line ends; what it makes is not shown",
    "portal.web.rich_text._styled": "adds styles to the tags of a text, before the text is in a mail",
    "portal.admin.routes.mails._sanitize": "takes the heading out of a stored mail that is shown inside a page",
    "portal.web.compression.compress_static_file": "leaves the comments of our own style sheets out; no page",
}


def test_nothing_rewrites_html():
    """What a template drew may hold anything that a person typed: a pattern that meets it changes the wrong place."""
    found = {place for module in modules() for place in rewriting(module.name, module.tree)}
    assert found == set(REASONS)


@pytest.mark.parametrize(
    "line",
    [
        "return re.sub('a', 'b', render_template('x.html'))",
        "html = render_template('x.html'); return html.replace('<form', '<div')",
        "text = answer.get_data(as_text=True); return TAG.sub('', text)",
        "text = str(answer.get_data(as_text=True)); return TAG.sub(lambda found: '', text).strip()",
        "return name.replace('<b>', '')",
    ],
)
def test_a_rewriting_function_is_found(line):
    source = f"def late():\n    {line}"
    assert list(rewriting("portal.web.planted", ast.parse(source))) == ["portal.web.planted.late"]


def test_a_function_that_changes_plain_text_is_not():
    source = "def shown(name):\n    return render_template('x.html', name=name.replace('_', ' '))"
    assert not list(rewriting("portal.web.planted", ast.parse(source)))


def rewriting(module: str, tree: ast.Module) -> Iterator[str]:
    """The functions of a module that call a rewriting method on finished HTML, or with a tag in its arguments."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = {*NAMES, *drawn_names(function)}
            if any(rewrites_html(node, names) for node in ast.walk(function)):
                yield f"{module}.{function.name}"


def drawn_names(function: ast.FunctionDef) -> Iterator[str]:
    """The variables that finished HTML is assigned to."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(map(draws, ast.walk(node.value))):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def draws(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in DRAWS


def rewrites_html(node: ast.AST, names: set[str]) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in REWRITES):
        return False
    parts = [part for given in (node.func.value, *node.args) for part in ast.walk(given)]
    return any(
        draws(part)
        or (isinstance(part, ast.Name) and part.id in names)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str) and TAG.search(part.value))
        for part in parts
    )
