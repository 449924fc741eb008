"""The pages under docs/ name files that exist."""

import re

from tests.architecture.source import ROOT

PATH = re.compile(r"`((?:portal|tests|templates|engines|bench|migrations|static|docs)/[\w./-]*\w(?:\.\w+|/)?)`")

# What a recipe tells its reader to make.
TO_BE_MADE = {"portal/cases/routes/desk/park.py"}


def test_every_path_in_the_docs_exists():
    """A reader who follows a recipe to a file that was renamed stops trusting the recipe."""
    pages = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
    named = [(page, path) for page in pages for path in PATH.findall(page.read_text())]
    assert len(named) > 50
    assert not [
        f"{page.relative_to(ROOT)}: {path}"
        for page, path in named
        if path not in TO_BE_MADE and not (ROOT / path).exists()
    ]
