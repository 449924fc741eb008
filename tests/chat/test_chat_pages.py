"""FEATURES H6 and H9, ux.md P-21, P-22, D-09 and A-12: the pages of a chat, with and without a script."""

import re

import pytest

from portal.cases.models import Case
from portal.chat.models import Chat, ChatSettings
from portal.kernel.change_stamps import announce_change_of
from portal.knowledge.models import HelpArticle
from portal.sla.models import SlaCalendar
from tests.support import help_articles
from tests.support.chats import chatting, open_chat_hours, start_chat, take_chats_as

CLOSED = {"name": "Seldom", "zone": "Europe/Warsaw", "week": {"sunday": ["03:00-03:05"]}}


@pytest.fixture
def open_chat(world):
    """The chat is open, and Ana takes chats."""
    open_chat_hours(world)
    take_chats_as(world)


def newest(world):
    return world.rows(Chat)[-1]


def test_h6_there_is_no_word_of_a_chat_where_the_provider_has_none(world, as_user):
    assert 'href="/chat"' not in as_user("rita").get("/").text
    assert "/desk/chat" not in as_user("ana").get("/desk/queue/all").text
    assert "There is no chat" in as_user("rita").get("/chat").text


def test_h6_a_contact_chats_with_an_agent(world, as_user, open_chat):
    rita, ana = as_user("rita"), as_user("ana")
    assert 'href="/chat"' in rita.get("/").text
    shown = rita.get("/chat").text
    assert "Hello. What can we do?" in shown and "Start chat" in shown
    sent = rita.post("/chat", data={"account": "ACME", "body": "Invoices <b>are</b> missing", "mark": "a" * 32})
    assert sent.status_code == 303
    chat = newest(world)
    shown = rita.get(f"/chat/{chat.id}").text
    assert "You are next." in shown and "Leave a message instead" in shown and "&lt;b&gt;are" in shown
    assert rita.get("/chat").status_code == 302, "the open chat goes on"
    console = ana.get("/desk/chat").text
    assert "Rita Costa" in console and "1 person is waiting." in console
    assert 'data-count="chat"' in console
    assert ana.post(f"/desk/chat/{chat.id}/accept").status_code == 303
    assert (
        ana.post(f"/desk/chat/{chat.id}/messages", data={"body": "Looking now.", "mark": "b" * 32}).status_code == 303
    )
    shown = rita.get(f"/chat/{chat.id}").text
    assert "You are chatting with Ana Silva." in shown and "Looking now." in shown
    assert rita.post(f"/chat/{chat.id}/messages", data={"body": "Thanks a lot", "mark": "c" * 32}).status_code == 303
    assert rita.post(f"/chat/{chat.id}/end").status_code == 303
    assert "You ended this chat." in rita.get(f"/chat/{chat.id}").text
    assert "Rita Costa ended the chat." in ana.get(f"/desk/chat/{chat.id}").text
    case = world.row(Case, chat.case_id)
    assert "Looking now." in rita.get(f"/cases/ACME-{case.number}").text


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("/chat", {"body": " "}, "Write your question"),
        ("/chat", {"body": "x" * 10_001}, "Shorten"),
        ("/chat", {"body": "Hello", "account": "GLOBEX"}, "Choose an account"),
        ("/chat", {"body": "Hello", "about": "GLOBEX-1"}, "Choose from the list"),
        ("/chat", {"body": "Hello", "environment": "nothing"}, "Choose an environment"),
    ],
)
def test_h6_what_cannot_start_a_chat_is_refused_and_kept(world, as_user, open_chat, path, data, sentence):
    answer = as_user("rita").post(path, data={"account": "ACME", **data})
    assert answer.status_code == 422
    assert sentence in answer.page.text
    assert data["body"].strip() in answer.text
    assert not world.rows(Chat)


def test_h6_closed_says_when_it_opens_and_takes_the_question_as_a_case(world, as_user):
    open_chat_hours(world, CLOSED)
    rita = as_user("rita")
    shown = rita.get("/chat").page.text
    assert "The chat is closed now" in shown and "The chat opens" in shown and "Call us:" in shown
    answer = rita.post("/chat", data={"account": "ACME", "body": "The list is empty"})
    assert answer.status_code == 422 and "The list is empty" in answer.text
    left = rita.post("/chat", data={"account": "ACME", "body": "The list is empty", "leave": "1"})
    assert left.status_code == 303 and "/cases/ACME-" in left.headers["Location"]
    assert not world.rows(Chat)
    case = world.rows(Case)[-1]
    assert (case.subject, case.channel) == ("The list is empty", "portal")


def test_h6_busy_says_so(world, as_user):
    open_chat_hours(world)
    assert "Everyone is busy" in as_user("rita").get("/chat").page.text


def test_h6_who_was_slower_reads_who_was_faster(world, as_user, open_chat):
    take_chats_as(world, "lee")
    chat = start_chat(world)
    assert as_user("lee").post(f"/desk/chat/{chat.id}/accept").status_code == 303
    answer = as_user("ana").post(f"/desk/chat/{chat.id}/accept")
    assert answer.status_code == 409 and "Lee Chen was faster." in answer.page.text


def test_h6_a_line_for_a_chat_that_has_ended_is_kept(world, as_user):
    chat = chatting(world)
    as_user("ana").post(f"/desk/chat/{chat.id}/end")
    for who, path in (("rita", f"/chat/{chat.id}"), ("ana", f"/desk/chat/{chat.id}")):
        answer = as_user(who).post(f"{path}/messages", data={"body": "One more thing"})
        assert answer.status_code == 409
        assert "has ended" in answer.page.text and "One more thing" in answer.text


# -- news -------------------------------------------------------------------------------------------------------------


def news(browser, path, tag="", **query):
    return browser.hx(path, headers={"HX-PTag": tag} if tag else {}, query_string=query)


def test_h6_news_are_lines_that_came_and_what_changed(world, as_user):
    chat = chatting(world)
    rita, ana = as_user("rita"), as_user("ana")
    first = news(rita, f"/chat/{chat.id}/news", after=str(chat.case_id))
    tag = first.headers["HX-PTag"]
    assert news(rita, f"/chat/{chat.id}/news", tag, after=str(chat.case_id)).status_code == 304
    world.note(world.row(Case, chat.case_id), "Secret words")
    ana.post(f"/desk/chat/{chat.id}/messages", data={"body": "Looking **now**."})
    fresh = news(rita, f"/chat/{chat.id}/news", tag, after=str(chat.case_id))
    assert fresh.status_code == 200
    assert "Looking <strong>now</strong>." in fresh.text and "Secret words" not in fresh.text
    fresh = news(ana, f"/desk/chat/{chat.id}/news", after=str(chat.case_id))
    assert "Secret words" in fresh.text and "Looking <strong>now</strong>." in fresh.text


def test_h6_typing_is_seen_by_the_other_side(world, as_user, travel):
    chat = chatting(world)
    rita, ana = as_user("rita"), as_user("ana")
    assert ana.post(f"/desk/chat/{chat.id}/typing").status_code == 204
    told = news(rita, f"/chat/{chat.id}/news").text
    assert "Ana Silva is typing" in told and "Invoices are missing" not in told, "no line came"
    assert rita.post(f"/chat/{chat.id}/typing").status_code == 204
    assert "Rita Costa is typing" in news(ana, f"/desk/chat/{chat.id}/news").text
    travel(seconds=30)
    assert "is typing" not in news(rita, f"/chat/{chat.id}/news").text


def test_h6_htmx_gets_an_empty_box_and_asks_for_news(world, as_user):
    chat = chatting(world)
    rita = as_user("rita")
    sent = rita.hx(f"/chat/{chat.id}/messages", method="POST", data={"body": "Hello", "mark": "d" * 32})
    assert sent.status_code == 200 and sent.headers["HX-Trigger"] == "chat"
    assert "Hello" not in sent.text and "autofocus" in sent.text
    refused = rita.hx(f"/chat/{chat.id}/messages", method="POST", data={"body": "x" * 10_001})
    assert refused.status_code == 422 and "Shorten" in refused.text and "x" * 10_001 in refused.text


# -- the panel --------------------------------------------------------------------------------------------------------


def test_p21_the_panel_starts_a_chat_and_goes_on(world, as_user, open_chat):
    rita = as_user("rita")
    assert 'data-chat-panel="/static/js/chat.js' in rita.get("/cases").text
    assert "data-chat-panel" not in rita.get("/chat").text, "the page is the chat already"
    shown = rita.hx("/chat?panel=1")
    assert "<html" not in shown.text and 'id="chat-body"' in shown.text and "Hello. What can we do?" in shown.text
    refused = rita.hx("/chat?panel=1", method="POST", data={"account": "ACME", "body": " "})
    assert refused.status_code == 422 and "Write your question" in refused.text and "<html" not in refused.text
    started = rita.hx("/chat?panel=1", method="POST", data={"account": "ACME", "body": "Hello?", "mark": "e" * 32})
    chat = newest(world)
    assert started.status_code == 200 and "Hello?" in started.text and f"/chat/{chat.id}/news?after=" in started.text
    again = rita.hx("/chat?panel=1")
    assert "Hello?" in again.text and "You are next." in again.text
    box = rita.hx(f"/chat/{chat.id}/messages?panel=1", method="POST", data={"body": "Still there?", "mark": "f" * 32})
    assert 'hx-post="/chat/' in box.text and "messages?panel=1" in box.text
    told = news(rita, f"/chat/{chat.id}/news", after=str(chat.case_id), panel="1").text
    assert "Still there?" in told and 'id="chat-m-' in told, "the page below may show the same line"
    left = rita.hx("/chat?panel=1", method="POST", data={"account": "ACME", "body": "As a case", "leave": "1"})
    assert left.status_code == 204 and "/cases/ACME-" in left.headers["HX-Redirect"]
    assert rita.get("/chat?panel=1").status_code == 302, "without htmx it is the page"


def test_p05_the_page_of_ones_open_case_leads_to_a_chat_about_it(world, as_user, open_chat):
    case = world.open_case("rita", subject="The printer")
    link = f'href="/chat?about={case.key}"'
    assert link in as_user("rita").get(f"/cases/{case.key}").text
    assert case.key in as_user("rita").get(f"/chat?about={case.key}").page.text
    assert link not in as_user("olga").get(f"/cases/{case.key}", checked=False).text
    closed = world.case_in("closed", by="rita")
    assert "/chat?about=" not in as_user("rita").get(f"/cases/{closed.key}").text


@pytest.mark.parametrize("side", ["contact", "staff"])
def test_h6_the_question_after_news_costs_no_statement(world, as_user, statements, side):
    chat = chatting(world)
    who, path = ("rita", f"/chat/{chat.id}/news") if side == "contact" else ("ana", f"/desk/chat/{chat.id}/news")
    as_user("ana").post(f"/desk/chat/{chat.id}/messages", data={"body": "Looking now."})
    browser = as_user(who)
    first = news(browser, path, after=str(chat.case_id))
    after, tag = re.findall(r"news\?after=([0-9a-f-]+)", first.text)[0], first.headers["HX-PTag"]
    assert first.status_code == 200 and after != str(chat.case_id)
    with statements() as seen:
        assert news(browser, path, tag, after=after).status_code == 304
    assert not seen
    as_user("rita").post(f"/chat/{chat.id}/messages", data={"body": "One more", "mark": "1" * 32})
    announce_change_of(chat.case_id)  # what the commit says, which no test makes
    assert news(browser, path, tag, after=after).status_code == 200


# -- who sees it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["olga", "mel", "gil"])
def test_h6_another_contact_finds_nothing(world, as_user, who):
    chat = chatting(world)
    browser = as_user(who)
    for path in ("", "/news", "/end"):
        assert browser.get(f"/chat/{chat.id}{path}", checked=False).status_code == 404
    for path in ("/messages", "/typing", "/end"):
        assert browser.post(f"/chat/{chat.id}{path}", data={"body": "x"}, checked=False).status_code == 404


def test_h6_staff_of_other_accounts_find_nothing(world, as_user):
    """Tom looks after Globex only."""
    chat = chatting(world)
    tom = as_user("tom")
    assert "Rita" not in tom.get("/desk/chat").text
    for path in ("", "/news", "/end", "/hand-over", "/articles"):
        assert tom.get(f"/desk/chat/{chat.id}{path}", checked=False).status_code == 404
    for path in ("/messages", "/typing", "/end", "/accept", "/hand-over"):
        assert tom.post(f"/desk/chat/{chat.id}{path}", data={"body": "x"}, checked=False).status_code == 404


def test_h6_an_auditor_reads_and_does_not_chat(world, as_user):
    chat = chatting(world)
    aud = as_user("aud")
    assert aud.get(f"/desk/chat/{chat.id}").status_code == 200
    assert aud.post("/desk/chat/taking", data={"takes": "y", "most": "3"}, checked=False).status_code == 403
    assert aud.post(f"/desk/chat/{chat.id}/messages", data={"body": "x"}, checked=False).status_code == 403


# -- articles, hand-over ----------------------------------------------------------------------------------------------


def test_h6_only_articles_that_the_contact_may_read_are_offered(world, as_user):
    chat = chatting(world)
    ctx = world.ctx("ada", "staff")
    shelf = help_articles.add_category(ctx)
    help_articles.add_article(ctx, shelf, "Missing invoices for everybody", audience="signed_in")
    help_articles.add_article(ctx, shelf, "Missing invoices for staff", audience="staff")
    ana = as_user("ana")
    shown = ana.get(f"/desk/chat/{chat.id}/articles?q=invoices").page.text
    assert "Missing invoices for everybody" in shown and "Missing invoices for staff" not in shown
    slug = world.rows(HelpArticle)[0].slug
    chosen = ana.get(f"/desk/chat/{chat.id}/articles?q=invoices&article={slug}").text
    assert "This article may help: Missing invoices for everybody" in chosen and f"/help/articles/{slug}" in chosen


def test_h6_a_hand_over_needs_a_colleague_and_a_note(world, as_user):
    chat = chatting(world)
    ana = as_user("ana")
    assert "No colleague" in ana.get(f"/desk/chat/{chat.id}/hand-over").page.text
    take_chats_as(world, "lee")
    answer = ana.post(f"/desk/chat/{chat.id}/hand-over", data={"staff": "", "note": "She knows it"})
    assert answer.status_code == 422 and "She knows it" in answer.text


# -- settings ---------------------------------------------------------------------------------------------------------


def test_a12_an_administrator_opens_the_chat(world, as_user):
    ada = as_user("ada")
    hours = world.rows(SlaCalendar)[0]
    kind = world.northwind.types["question"]
    data = {
        "enabled": "y",
        "calendar": str(hours.id),
        "request_type": str(kind.id),
        "greeting": "Hi",
        "most": "2",
        "silent_minutes": "5",
        "version": "0",
    }
    for change, sentence in (
        ({"calendar": ""}, "Choose when the chat is open"),
        ({"request_type": ""}, "Choose the request type"),
        ({"most": "99"}, "between 1 and 20"),
        ({"greeting": "x" * 501}, "Shorten"),
        ({"calendar": "nothing"}, "Choose from the list"),
    ):
        answer = ada.post("/admin/chat", data={**data, **change})
        assert answer.status_code == 422 and sentence in answer.page.text, change
    assert ada.post("/admin/chat", data=data).status_code == 303
    row = world.rows(ChatSettings)[0]
    assert (row.enabled, row.greeting, row.most, row.silent_minutes, row.version) == (True, "Hi", 2, 5, 1)
    stale = ada.post("/admin/chat", data={**data, "greeting": "Ho", "version": "0"})
    assert stale.status_code == 409 and "Ho" in stale.text
    assert as_user("lee").post("/admin/chat", data=data, checked=False).status_code == 403
    assert as_user("rita").get("/admin/chat", checked=False).status_code in (403, 404)
