"""A reply on the desk waits ten seconds: it counts down, is taken back by a key, and is sent by the open page."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.cases.models import DelayedReply

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
WORDS = "Please try the second scanner."


@pytest.fixture
def case(live):
    with live.inside() as world:
        return world.open_case("rita", subject="The list stays empty", visibility="shared").key


def send(page, case, words=WORDS):
    page.goto(f"/desk/cases/{case}")
    assert not page.locator("[data-delay]").is_visible(), "the preference says it"
    page.fill("#composer [name=body]", words)
    page.click(".composer__foot .button[data-kind=primary] >> nth=0")
    page.wait_for_selector("[data-waiting]")


def bodies(live, case):
    with live.inside() as world:
        return [message.body for message in world.messages_of(world.case(case))]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_it_is_taken_back_and_sent_after_all(visit, live, case, scheme, width):
    ana, rita = visit("ana", delays=True, scheme=scheme, width=width), visit("rita")
    send(ana, case)
    assert ana.inner_text(".waiting__left").startswith("Sends in ")
    found = Axe().run(ana, options=RULES).response["violations"]
    assert not found, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert ana.evaluate("document.documentElement.scrollWidth <= innerWidth")
    rita.goto(f"/cases/{case}")
    assert not rita.locator(f"text={WORDS}").count() and bodies(live, case) == []
    ana.keyboard.press("z")
    ana.wait_for_url("**#composer")
    assert ana.input_value("#composer [name=body]") == WORDS and not ana.locator("[data-waiting]").count()
    ana.click(".composer__foot .button[data-kind=primary] >> nth=0")
    ana.wait_for_selector("[data-waiting]")
    # What the writer goes on with stays while the page sends the first one.
    ana.fill("#composer [name=body]", "And one more thing")
    ana.wait_for_selector("[data-waiting]", state="detached", timeout=20_000)
    ana.wait_for_selector(f"#timeline .message__body >> text={WORDS}")
    assert ana.input_value("#composer [name=body]") == "And one more thing"
    assert "Rita Costa" in ana.inner_text("#notices")
    assert bodies(live, case) == [WORDS]
    rita.reload()
    assert rita.locator(f"text={WORDS}").count()


def test_it_leaves_by_itself_where_the_page_was_left(visit, live, case, server):
    ana = visit("ana", delays=True)
    send(ana, case)
    ana.goto("/desk/queue/all")
    with live.inside() as world:
        (row,) = world.rows(DelayedReply)
        assert row.body == WORDS
    ana.wait_for_timeout(13_000)
    while live.work_due():
        pass
    assert bodies(live, case) == [WORDS]


def test_send_now_and_no_second_one_by_the_countdown(visit, live, case):
    ana = visit("ana", delays=True)
    send(ana, case)
    ana.click("[data-waiting] button:has-text('Send now')")
    ana.wait_for_selector("[data-waiting]", state="detached")
    ana.wait_for_timeout(11_000)
    assert bodies(live, case) == [WORDS]
