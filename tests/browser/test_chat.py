"""A chat between two people in Chromium: with scripts, without, in the panel over another page, with a cut network."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.chat.actions import chats
from portal.chat.models import Chat
from portal.chat.queries.chats import lock_chat
from tests.support.chats import open_chat_hours, take_chats_as

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
SOON = 30_000
TWICE = (
    "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, place, all) => all.indexOf(id) !== place)"
)


@pytest.fixture(autouse=True)
def _open(live):
    """The chat is open, Ana takes chats, and no chat is left of another test."""
    with live.inside() as world:
        open_chat_hours(world)
        take_chats_as(world)
        for chat in world.rows(Chat, Chat.ended_at.is_(None)):
            ctx = world.ctx("rita", "contact")
            chats.end_as_contact(ctx, *lock_chat(ctx, chat.id))


def check(page):
    """Nothing for axe, nothing that scrolls sideways, and no id twice."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert not page.evaluate(TWICE), page.url


def begin(page, text):
    page.goto("/chat")
    page.fill("textarea[name=body]", text)
    page.click("main button:has-text('Start chat')")
    page.wait_for_url("**/chat/*")


def lines(page):
    return page.locator("#chat-log .message__body").all_inner_texts()


def test_two_people_chat_with_scripts(visit):
    ana, rita = visit("ana"), visit("rita", width=390, scheme="dark")
    ana.goto("/desk/chat")
    begin(rita, "Where is the price list?")
    assert "You are next." in rita.inner_text("#chat-state") and not rita.is_visible("text=Check for new messages")
    check(rita)
    ana.locator("main button:has-text('Accept')").wait_for(timeout=SOON)
    assert ana.title().startswith("(1) ") and ana.inner_text(".rail [data-count=chat]") == "1"
    check(ana)
    ana.click("main button:has-text('Accept')")
    ana.wait_for_url("**/desk/chat/*")
    ana.locator("#chat-line").press_sequentially("On the", delay=20)
    rita.wait_for_selector("text=is typing", timeout=SOON)
    ana.fill("#chat-line", "On the wiki.\nSecond page.")
    ana.press("#chat-line", "Enter")
    rita.wait_for_selector("#chat-log >> text=On the wiki", timeout=SOON)
    ana.wait_for_selector("#chat-log >> text=On the wiki", timeout=SOON)
    assert ana.evaluate("document.activeElement.id") == "chat-line" and ana.input_value("#chat-line") == ""
    rita.click("summary:has-text('Attach files')")
    rita.set_input_files("input[type=file]", {"name": "list.txt", "mimeType": "text/plain", "buffer": b"42"})
    rita.wait_for_selector("[data-files] input[name=staged]", state="attached")
    rita.fill("#chat-line", "This one?")
    rita.press("#chat-line", "Enter")
    ana.wait_for_selector("#chat-log >> text=list.txt", timeout=SOON)
    assert lines(ana) == ["Where is the price list?", "On the wiki.\nSecond page.", "This one?"]
    check(ana)
    rita.click("#chat-verbs >> text=End chat")
    rita.click("main button:has-text('End chat')")
    rita.wait_for_selector("text=You ended this chat.")
    check(rita)
    # What cannot be done any more goes, without a reload.
    ana.wait_for_selector("text=ended the chat.", timeout=SOON)
    ana.locator("#chat-write").wait_for(state="detached")
    assert not ana.locator("#chat-verbs").count()


def test_two_people_chat_without_scripts(visit):
    ana, rita = visit("ana", javascript=False), visit("rita", javascript=False, width=390)
    ana.goto("/desk/queue/all")
    rita.goto("/cases")
    rita.click(".footer a:has-text('Chat')")
    begin(rita, "Where is the price list?")
    ana.goto("/desk/chat")
    ana.click("main button:has-text('Accept')")
    ana.fill("#chat-line", "On the wiki.")
    ana.click(".composer button:has-text('Send')")
    rita.click("text=Check for new messages")
    rita.wait_for_selector("#chat-log >> text=On the wiki")
    rita.fill("#chat-line", "Found it.")
    rita.click(".composer button:has-text('Send')")
    rita.wait_for_selector("#chat-log >> text=Found it.")
    assert lines(rita) == ["Where is the price list?", "On the wiki.", "Found it."]
    ana.click("text=Check for new messages")
    ana.wait_for_selector("#chat-log >> text=Found it.")
    assert lines(ana) == lines(rita)
    assert rita.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_panel_goes_along_and_asks_for_nothing_while_it_is_closed(visit):
    rita, ana = visit("rita", scheme="dark"), visit("ana")
    asked = []
    rita.on("request", lambda request: asked.append(request.url) if re.search(r"/chat(/|\?|$)", request.url) else None)
    ana.goto("/desk/chat")
    rita.clock.install()
    rita.goto("/cases")
    rita.clock.fast_forward(60_000)
    assert not asked
    rita.clock.resume()
    rita.click("[data-chat-panel]")
    rita.wait_for_selector(".chat-panel h2")
    rita.wait_for_selector(".chat-panel h2:focus")
    check(rita)
    rita.click(".chat-panel button:has-text('Start chat')")
    rita.wait_for_selector(".chat-panel >> text=Write your question")
    rita.fill(".chat-panel textarea", "Where is the price list?")
    rita.click(".chat-panel button:has-text('Start chat')")
    rita.wait_for_selector(".chat-panel #chat-log")
    ana.locator("main button:has-text('Accept')").click(timeout=SOON)
    ana.wait_for_url("**/desk/chat/*")
    ana.fill("#chat-line", "On the wiki.")
    ana.press("#chat-line", "Enter")
    rita.wait_for_selector(".chat-panel >> text=On the wiki", timeout=SOON)
    # It opens again on the page of the case, which shows the same conversation.
    rita.click(".chat-panel p.muted a")
    rita.wait_for_selector(".chat-panel #chat-log >> text=On the wiki", timeout=SOON)
    check(rita)
    rita.locator(".chat-panel h2").press("Escape")
    assert not rita.locator(".chat-panel").count()
    assert rita.evaluate("document.activeElement.dataset.chatPanel") is not None
    rita.goto("/cases")
    assert not rita.locator(".chat-panel").count()


def test_a_line_on_a_cut_network_is_kept_and_sent_once(visit):
    rita = visit("rita")
    begin(rita, "Where is the price list?")
    # The line arrives and its answer is lost; then nothing arrives for a while.
    state = {"cut": 0}

    def cut(route):
        state["cut"] += 1
        if state["cut"] == 1:
            # Playwright itself does not know our names.
            url = route.request.url.replace("northwind.localhost", "127.0.0.1")
            host = route.request.url.split("/")[2]
            route.fetch(url=url, headers={**route.request.headers, "host": host})
        if state["cut"] <= 2:
            return route.abort("internetdisconnected")
        return route.continue_()

    rita.route(re.compile(r"/chat/[0-9a-f-]+/messages"), cut)
    rita.fill("#chat-line", "Is anybody there?")
    rita.press("#chat-line", "Enter")
    rita.wait_for_selector("[data-cause=line] >> text=Not sent yet", timeout=2_000)
    assert rita.input_value("#chat-line") == "Is anybody there?"
    check(rita)
    rita.wait_for_selector("#chat-log >> text=Is anybody there?", timeout=SOON)
    rita.wait_for_selector("[data-cause=line]", state="detached")
    assert rita.input_value("#chat-line") == ""
    assert state["cut"] == 3
    rita.reload()
    assert lines(rita) == ["Where is the price list?", "Is anybody there?"]
