"""Pages printed from the code say what the code does: a change without `make docs` fails here."""

from pathlib import Path

import pytest

from portal import generated_docs

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", list(generated_docs.PAGES))
def test_the_page_is_what_the_code_prints(name, app):
    with app.test_request_context():
        assert (DOCS / name).read_text() == generated_docs.PAGES[name]()


def test_every_permission_says_what_it_is():
    assert set(generated_docs.permission_meanings()) == set(generated_docs.Permission)
