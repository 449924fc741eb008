"""What an open page hears of by itself: a new case, a new message; nothing that is read or written moves."""

import pytest

pytestmark = pytest.mark.browser
A_TICK = 26_000


def open_at_a_standing_clock(page, path):
    """Open *path* on a page whose timers run only when the test says so (`page.clock`)."""
    page.clock.install()
    page.goto(path)


def tick(page, path="/tick"):
    """Let the time to the next question pass; returns when it was answered."""
    with page.expect_response(lambda answer: f"{path}?" in answer.url):
        page.clock.fast_forward(A_TICK)


@pytest.mark.check(9, "a new case on a queue")
def test_a_queue_tells_of_a_new_case_and_moves_nothing_until_asked(visit, live):
    with live.inside() as world:
        world.open_case("rita", subject="The first printer")
    page = visit("ana")
    open_at_a_standing_clock(page, "/desk/queue/unassigned")
    before = page.locator("#rows").bounding_box()
    count = int(page.inner_text(".rail [data-count=unassigned]"))
    page.focus(".list__subject >> nth=0")
    with live.inside() as world:
        key = world.open_case("rita", subject="The second printer", severity=1).key
    tick(page, "/desk/tick")
    link = page.locator("[data-news=cases]")
    link.wait_for()
    assert link.inner_text() == "1 new · show" and page.title().startswith("(1) Unassigned")
    assert page.inner_text(".rail [data-count=unassigned]") == str(count + 1)
    assert page.locator("#rows").bounding_box() == before and not page.locator(f"#row-{key}").count()
    assert page.evaluate("document.activeElement.className") == "list__subject"
    link.click()
    page.locator(f"#row-{key}").wait_for()
    assert page.title().startswith("Unassigned") and not link.is_visible()


@pytest.mark.parametrize("side", ["desk", "portal"])
@pytest.mark.check(9, "a new message on a case, both sides")
def test_a_case_tells_of_a_new_message_and_the_reply_stays(visit, live, side):
    with live.inside() as world:
        key = world.open_case("rita", subject="The label printer").key
    who, base = ("ana", "/desk/cases") if side == "desk" else ("rita", "/cases")
    page = visit(who)
    open_at_a_standing_clock(page, f"{base}/{key}")
    box = page.locator("form.composer textarea[name=body]")
    box.fill("I am still writing this")
    box.focus()
    where = page.evaluate("scrollY")
    with live.inside() as world:
        case = world.case(key)
        (world.reply if side == "desk" else world.answer)(case, "It also smells of smoke.")
    tick(page)
    link = page.locator("[data-news=messages]")
    link.wait_for()
    assert link.inner_text() == "1 new message · show" and page.title().startswith("(1) ")
    assert box.input_value() == "I am still writing this" and page.evaluate("scrollY") == where
    assert page.evaluate("document.activeElement.name") == "body"
    assert "smells of smoke" not in page.inner_text("main")
    link.click()
    page.wait_for_selector("#timeline >> text=smells of smoke")
    assert "message__by" in page.evaluate("document.activeElement.className") and not link.is_visible()
    assert box.input_value() == "I am still writing this" and not page.title().startswith("(")
    # What was shown is no reason to ask before the reply is sent.
    page.click("form.composer button[type=submit][data-kind=primary] >> visible=true")
    page.wait_for_selector("#timeline >> text=I am still writing this")


def test_a_session_that_ended_does_not_disturb_who_is_writing(visit, live):
    with live.inside() as world:
        key = world.open_case("rita", subject="The label printer").key
    page = visit("ana")
    open_at_a_standing_clock(page, f"/desk/cases/{key}")
    page.fill("#composer textarea[name=body]", "Half a sentence")
    page.context.clear_cookies()
    tick(page)
    page.wait_for_selector("[data-cause=session] >> text=You are signed out")
    assert key in page.url and page.input_value("#composer textarea[name=body]") == "Half a sentence"
    assert page.evaluate("document.activeElement.name") == "body"


def test_a_server_that_is_away_is_asked_more_and_more_rarely(visit):
    page = visit("ana")
    asked, failed = [], []
    # Counted by the page's own events: Chromium fails some of the requests before the route below hears of them.
    for event, seen in (("request", asked), ("requestfailed", failed)):
        page.on(event, lambda request, seen=seen: seen.append(request.url) if "/desk/tick?" in request.url else None)
    page.route("**/desk/tick?*", lambda route: route.abort("connectionrefused"))
    open_at_a_standing_clock(page, "/desk/queue/mine")
    for _n in range(20):
        page.clock.run_for(30_000)
        page.wait_for_timeout(20)
        while len(failed) < len(asked):  # the refusal reaches the page, which then sets its next time
            page.wait_for_timeout(20)
    assert 4 <= len(asked) <= 6, "ten minutes: after 25, 75, 175 and 375 seconds"
