"""Names: modules are nouns of the field, and functions say what they do (docs/glossary.md)."""

import ast
import re

from tests.architecture.source import modules

# Names of drawers, and words of the private dialect that were replaced: a noun of the field stands in their place.
BANNED_MODULES = frozenset(
    {"common", "helpers", "house", "misc", "readied", "remembered", "spoken", "util", "utils", "words"}
)
# Verbs without an object, and participles: they do not say what the function does.
BANNED_FUNCTIONS = frozenset({"as_house", "house", "install", "kept", "said", "told"})


def test_modules_are_named_after_what_they_hold():
    wrong = [str(module) for module in modules() if module.name.rpartition(".")[2] in BANNED_MODULES]
    assert not wrong


def test_functions_say_what_they_do():
    wrong = [
        f"{module}:{node.lineno} {node.name}"
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and re.sub(r"^_", "", node.name) in BANNED_FUNCTIONS
    ]
    assert not wrong
