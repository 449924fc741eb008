"""A long text is folded in the page: its beginning is shown, the rest opens without a script."""

import pytest

from portal.web.rich_text import render, rich_text
from portal.web.rich_text.folding import MOST, ROW, SHOWN
from tests.web.reading import Reader, not_blank, visible

LINES = [f"line {number}" for number in range(200)]


@pytest.fixture(autouse=True)
def request_of_the_page(app):
    with app.test_request_context():
        yield


def test_a_usual_text_is_not_folded():
    assert "<details" not in rich_text("\n".join(LINES[:MOST]))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("paragraph", "\n".join(LINES)),
        ("paragraphs", "\n\n".join(LINES)),
        ("list", "\n".join(f"- {line}" for line in LINES)),
        ("quote", "\n".join(f"> {line}" for line in LINES)),
        ("quoted list", "\n".join(f"> 1. {line}" for line in LINES)),
        ("fence", "```sh\n" + "\n".join(LINES) + "\n```"),
        ("table", "\n".join(f"{line:<20}x      y" for line in LINES)),
        ("trace", "\n".join(f"   {line}" for line in LINES)),
        ("item that goes on", "- a\n" + "\n".join(f"  {line}" for line in LINES)),
        ("blank lines", "a" + "\n" * 200 + "b"),
    ],
)
def test_a_long_text_shows_its_beginning_and_folds_the_rest(kind, text):
    drawn = render(text)
    shown, folded = visible(drawn.shown), visible(drawn.folded)
    assert SHOWN - 2 <= len(shown.split("\n")) <= SHOWN + 2 or kind in ("paragraphs", "blank lines")
    assert not_blank(shown + folded) == not_blank(visible(rich_text(text, whole=True)))
    page = rich_text(text)
    assert page.index(drawn.shown) < page.index("<details") < page.index("Show") < page.index(drawn.folded)


def test_how_many_lines_are_folded_is_said():
    assert f"<summary>Show {200 - SHOWN} more lines</summary>" in rich_text("\n".join(LINES))


def test_a_fence_that_is_folded_goes_on_as_code_without_its_word():
    drawn = render("```sh\n" + "\n".join(LINES) + "\n```")
    assert drawn.folded.startswith("<pre><code>line 40\n")
    assert Reader(drawn.folded).count("small") == 0


def test_one_endless_line_is_divided_between_words_and_outside_links():
    word = "x" * 9 + " "
    drawn = render(word * 2_000)
    assert 0 < len(visible(drawn.shown)) <= SHOWN * ROW
    assert visible(drawn.shown).endswith(" ")
    address = "https://x.example/" + "y" * (SHOWN * ROW * 2)
    assert Reader(render(f"{'z' * 50} {address} and {word * 2_000}").shown).links == [(address, address)]


def test_on_paper_everything_is_shown():
    assert "<details" not in rich_text("\n".join(LINES), whole=True)
    assert "line 199" in rich_text("\n".join(LINES), whole=True)
