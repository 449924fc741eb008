"""After a form the focus stands on what says what came of it, in view and not under the header (ux.md 6, point 8)."""

import pytest

pytestmark = pytest.mark.browser
IN_VIEW = """() => {
  const place = document.activeElement, box = place.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + 5, box.top + box.height / 2);
  return place !== document.body && (place === top || place.contains(top) || top?.contains(place));
}"""


SAYS_WHAT_CAME = "() => ['message__by', 'notice__text'].includes(document.activeElement.className)"


def press(page, label, within="main"):
    """Press the button *label* and wait until the focus stands on what says what came of it; its class."""
    page.click(f"{within} button:has-text('{label}') >> visible=true")
    page.wait_for_function(SAYS_WHAT_CAME)
    assert page.evaluate(IN_VIEW), page.evaluate("document.activeElement.outerHTML")
    return page.evaluate("document.activeElement.className")


@pytest.mark.check(8, "reply, reject, close, accept")
def test_a_client_hears_what_came_of_a_reply_a_rejection_a_closing_and_a_survey(visit, live):
    with live.inside() as world:
        one = world.case_in("resolved", subject="A printer").key
        other = world.case_in("resolved", subject="A scanner").key
    page = visit("rita")
    page.goto(f"/cases/{one}/resolution/reject")
    page.fill("main textarea[name=reason]", "It is still dark.")
    assert press(page, "Reject") in ("message__by", "notice__text")
    page.fill("form.composer textarea[name=body]", "And it smells.")
    assert press(page, "Send") == "message__by"
    page.goto(f"/cases/{one}/close")
    assert press(page, "Close") == "notice__text"
    page.goto(f"/cases/{other}")
    assert press(page, "Accept") == "notice__text"


@pytest.mark.check(8, "answer, question")
def test_an_agent_hears_what_came_of_opening_answering_and_asking(visit, live):
    with live.inside() as world:
        key = world.open_case("rita", subject="A printer").key
    page = visit("ana")
    page.goto(f"/desk/cases/{key}")
    page.fill("form.composer textarea[name=body]", "We look into it.")
    assert press(page, "Send to") in ("message__by", "notice__text")
    page.goto(f"/desk/cases/{key}/status?set=waiting")
    page.fill("main textarea[name=body]", "Which printer?")
    page.click("main form button[type=submit][data-kind=primary] >> visible=true")
    page.wait_for_url(lambda url: "/status" not in url)
    page.wait_for_function("() => document.activeElement !== document.body")
    assert page.evaluate(IN_VIEW)
