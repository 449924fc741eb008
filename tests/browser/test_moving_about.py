"""What a keyboard, a phone and the back button do."""

import pytest

pytestmark = pytest.mark.browser


def test_the_first_tab_shows_the_skip_link_on_both_sides(visit):
    for who, path in (("rita", "/"), ("ana", "/desk/queue/all")):
        page = visit(who)
        page.goto(path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_after_a_refusal_the_summary_has_the_focus_and_leads_to_the_field(visit):
    page = visit("rita")
    page.goto("/new/question")
    page.click("main form button:has-text('Open case')")
    page.wait_for_selector(".error-summary")
    assert page.title().startswith("Error:")
    assert "error-summary" in page.evaluate("document.activeElement.className")
    page.click(".error-summary a >> nth=-1")
    assert page.evaluate("document.activeElement.name") in ("description", "subject", "severity")


def test_a_phone_reaches_everything_from_the_bottom_bar(visit):
    page = visit("rita", width=390, height=844)
    page.goto("/")
    page.click(".bottom-bar a:has-text('Cases')")
    page.wait_for_url("**/cases")
    for link in page.locator(".bottom-bar a").all():
        box = link.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44


def test_filters_change_the_list_in_place_and_back_returns(visit):
    page = visit("rita")
    page.goto("/cases")
    page.fill("#q", "zzz")
    page.press("#q", "Enter")
    page.wait_for_selector("text=No case matches these filters")
    assert "q=zzz" in page.url
    page.go_back()
    page.wait_for_load_state()
    assert "q=zzz" not in page.url


def test_back_and_the_same_words_again_lead_to_the_same_case(visit):
    page = visit("rita")

    def send():
        page.fill("[name=subject]", "The label printer stays dark")
        page.fill("[name=description]", "Since this morning, at both tills.")
        if page.locator("[name=severity]").count():
            page.check("[name=severity] >> nth=-1", force=True)
        page.click("main form button:has-text('Open case')")
        page.wait_for_url("**/cases/*")
        return page.url.partition("?")[0]

    page.goto("/new/question")
    first = send()
    page.go_back()
    page.wait_for_selector("[name=subject]")
    assert send() == first
