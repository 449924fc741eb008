"""What a keyboard, a phone and the back button do."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.check(4, "Home and a queue; the frame is one template a side")
def test_the_first_tab_shows_the_skip_link_on_both_sides(visit):
    for who, path in (("rita", "/"), ("ana", "/desk/queue/all")):
        page = visit(who)
        page.goto(path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.check(7, "the form of a technical question")
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


@pytest.mark.check(30, "a filter, and Back")
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


@pytest.fixture
def reply_page(visit, live):
    """A page of Rita's own case, with a reply typed into it, and the key of the case."""
    with live.inside() as world:
        key = world.open_case("rita", subject="The label printer").key
    page = visit("rita")
    page.goto(f"/cases/{key}/replies")
    page.fill("main textarea[name=body]", "It also smells of smoke.")
    return page, key


def replies_of(live, key):
    with live.inside() as world:
        return [message.body for message in world.messages_of(world.case(key)) if message.kind == "reply"]


@pytest.mark.check(34, "sent once")
def test_a_cut_network_keeps_the_reply_and_it_is_sent_once(reply_page, live):
    page, key = reply_page
    page.context.set_offline(True)
    page.click("main form button[type=submit]")
    page.wait_for_selector("[data-cause=network] >> text=You are offline")
    assert page.input_value("main textarea[name=body]") == "It also smells of smoke."
    page.context.set_offline(False)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/replies" not in url)
    assert replies_of(live, key) == ["It also smells of smoke."]


def test_a_server_that_is_gone_keeps_the_reply_and_trying_again_sends_it(reply_page, live):
    page, key = reply_page
    page.route("**/healthz", lambda route: route.abort("connectionrefused"))
    page.click("main form button[type=submit]")
    page.wait_for_selector("[data-cause=network] >> text=The server cannot be reached")
    assert page.input_value("main textarea[name=body]") == "It also smells of smoke."
    page.unroute("**/healthz")
    page.click("[data-cause=network] button:has-text('Try again')")
    page.wait_for_url(lambda url: "/replies" not in url)
    assert replies_of(live, key) == ["It also smells of smoke."]


def test_a_slow_answer_is_told_and_the_reply_is_sent_once_by_itself(reply_page, live):
    page, key = reply_page
    asked = []
    page.route("**/healthz", lambda route: asked.append(route))
    page.click("main form button[type=submit]")
    page.wait_for_selector("[data-cause=network] >> text=This takes longer than usual")
    assert page.input_value("main textarea[name=body]") == "It also smells of smoke." and len(asked) == 1
    asked[0].continue_()
    page.wait_for_url(lambda url: "/replies" not in url)
    assert replies_of(live, key) == ["It also smells of smoke."]


def test_back_after_a_reply_and_sending_it_again_sends_it_once(reply_page, live):
    page, key = reply_page
    for _time in range(2):
        page.fill("main textarea[name=body]", "It also smells of smoke.")
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda url: "/replies" not in url)
        page.go_back()
        page.wait_for_selector("main textarea[name=body]")
    assert replies_of(live, key) == ["It also smells of smoke."]


def test_what_is_typed_while_the_form_is_drawn_anew_stays(visit):
    """The answer to another account draws the form as it was when it was asked for."""
    page = visit("ana")
    page.goto("/desk/new?account=ACME")
    page.fill("[name=subject]", "Printer")
    asked = []
    page.route("**/desk/new*", lambda route: asked.append(route))
    page.select_option("[name=account]", label=page.locator("[name=account] option").all_inner_texts()[-1])
    page.fill("[name=subject]", "Printer on floor 2")
    page.locator("#levels label", has_text="High").first.click()
    page.locator("[name=description]").press_sequentially("It smells of sm")
    with page.expect_response("**/desk/new*"):
        asked[0].continue_()
    page.wait_for_function("() => document.activeElement.name === 'description'")
    page.keyboard.type("oke.")
    assert page.input_value("[name=subject]") == "Printer on floor 2"
    assert page.input_value("[name=description]") == "It smells of smoke."
    assert "High" in page.locator("#levels label:has(:checked), #levels div:has(> :checked)").first.inner_text()
