"""Writing: drafts that save themselves, and the toolbar that writes what texts keep."""

import pytest

from portal.drafts.models import FormDraft

pytestmark = pytest.mark.browser
SAVED = "() => document.querySelector('.draft__line').textContent.includes('Draft saved')"
SELECT = "([from, to]) => { const box = document.querySelector(`#body`); box.focus(); box.setSelectionRange(from, to) }"


@pytest.fixture
def case(live):
    with live.inside() as world:
        return world.open_case("rita", subject="A printer").key


def drafts(live, case):
    with live.inside() as world:
        return [row.fields["body"][0] for row in world.rows(FormDraft, FormDraft.path == f"/cases/{case}/replies")]


@pytest.mark.check(33, "saved while somebody writes, on another device")
def test_what_is_typed_saves_itself_and_is_gone_once_it_was_sent(visit, live, case):
    page = visit("rita")
    page.goto(f"/cases/{case}")
    page.fill("#body", "The scanner, too.")
    page.wait_for_function(SAVED)
    assert drafts(live, case) == ["The scanner, too."]
    other = visit("rita")
    other.goto(f"/cases/{case}")
    assert other.input_value("#body") == "The scanner, too."
    other.fill("#body", "The scanner, too. And the phone.")
    other.click("form.composer button:has-text('Send') >> visible=true")
    other.wait_for_function("() => document.body.textContent.includes('And the phone.')")
    assert drafts(live, case) == []


@pytest.mark.check(34, "a draft that could not be saved says so, and is saved later")
def test_a_cut_network_says_that_the_text_is_not_saved_yet(visit, live, case):
    page = visit("rita")
    page.goto(f"/cases/{case}")
    page.context.set_offline(True)
    page.fill("#body", "Written in a tunnel.")
    page.wait_for_function("() => document.querySelector('.draft__line').textContent.includes('Not saved yet')")
    page.context.set_offline(False)
    page.type("#body", " And out of it.")
    page.wait_for_function(SAVED)
    assert drafts(live, case) == ["Written in a tunnel. And out of it."]


def test_leaving_the_page_saves_what_no_pause_has_saved(visit, live, case):
    page = visit("rita")
    page.goto(f"/cases/{case}")
    page.fill("#body", "Half a sent")
    page.goto("/cases")
    page.wait_for_timeout(1500)
    assert drafts(live, case) == ["Half a sent"]


def test_the_toolbar_writes_what_texts_keep(visit, case):
    page = visit("rita")
    page.goto(f"/cases/{case}")
    page.fill("#body", "one\ntwo\nthree")

    def press(kind, start, end):
        page.evaluate(SELECT, [start, end])
        page.click(f"[data-write={kind}]")
        return page.input_value("#body")

    assert press("bold", 0, 3) == "**one**\ntwo\nthree"
    page.keyboard.press("Control+b")
    assert page.input_value("#body") == "one\ntwo\nthree"
    assert press("list", 0, 5) == "- one\n- two\nthree"
    assert press("list", 0, 8) == "one\ntwo\nthree"
    assert press("quote", 0, 5) == "> one\n> two\nthree"
    page.keyboard.press("Control+z")
    assert page.input_value("#body") == "one\ntwo\nthree"
    assert press("code", 4, 7) == "one\n`two`\nthree"
    assert press("code", 0, 14) == "```\none\n`two`\nthree\n```"
    page.fill("#body", "see here")
    page.evaluate(SELECT, [4, 8])
    page.keyboard.press("Control+k")
    page.keyboard.type("example.com")
    assert page.input_value("#body") == "see [here](https://example.com)"


@pytest.mark.check(12, "the toolbar of formatting")
def test_the_toolbar_is_no_stop_of_tab_and_moves_by_arrows(visit, case):
    page = visit("rita")
    page.goto(f"/cases/{case}")
    bar = page.get_by_role("toolbar", name="Formatting")
    assert bar.get_by_role("button").all_inner_texts() == ["Bold", "Code", "List", "Quote", "Link"]
    page.focus("#body")
    page.keyboard.press("Alt+F10")
    assert page.evaluate("document.activeElement.dataset.write") == "bold"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.write") == "code"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.write") == "link"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "body"
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate("document.activeElement.dataset.write")
