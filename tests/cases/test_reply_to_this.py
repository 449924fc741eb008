"""Issue 14, "link to a message" and "reply to this": an answer says which message it answers, within the same wall."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.models import Message
from portal.cases.pages.in_reply_to import QUOTED_LETTERS, QUOTED_LINES, quote_of
from portal.kernel.ids import new_id
from tests.support.case_rules import make_case_rule


@pytest.fixture
def case(world):
    return world.case_in("open", by="rita")


def newest(world, case):
    return max(world.messages_of(case), key=lambda message: message.position)


@pytest.mark.parametrize(
    ("who", "page", "post", "anchor"),
    [
        ("rita", "/cases/{}", "/cases/{}/replies", "#reply"),
        ("ana", "/desk/cases/{}", "/desk/cases/{}/reply", "#composer"),
        ("rita", "/cases/{}/replies", "/cases/{}/replies", ""),
        ("ana", "/desk/cases/{}/reply", "/desk/cases/{}/reply", ""),
        ("ana", "/desk/cases/{}/note", "/desk/cases/{}/note", ""),
    ],
)
def test_an_answer_quotes_the_message_and_leads_to_it(world, as_user, case, who, page, post, anchor):
    answered = world.answer(case, "Is it the first scanner?\nOr the second?")
    browser = as_user(who)
    if anchor:
        shown = browser.get(page.format(case.key))
        (link,) = [a for a in shown.page.all("a") if (a.get("href") or "").endswith(f"?to={answered.id}{anchor}")]
        assert "Reply to this" in link.text
    form = browser.get(f"{page.format(case.key)}?to={answered.id}")
    assert "> Is it the first scanner?\n&gt; Or" not in form.text and "&gt; Is it the first scanner?" in form.text
    box = form.page.first("input", id="to")
    assert box.get("value") == str(answered.id) and "Reply to Ana Silva" in form.text
    data = {"body": "> Is it the first scanner?\n\nThe second.", "to": str(answered.id)}
    assert browser.post(post.format(case.key), data=data).status_code == 303
    assert newest(world, case).in_reply_to_id == answered.id
    shown = as_user("ana").get(f"/desk/cases/{case.key}")
    (line,) = shown.page.all("p", **{"data-answers": f"m-{answered.id}"})
    assert "to Ana Silva" in line.text and line.first("a").get("href") == f"#m-{answered.id}"
    assert shown.page.first("li", id=f"m-{answered.id}")


def test_what_a_rule_writes_below_an_answer_is_no_answer(world, as_user, case):
    """The note of a rule that runs when support writes is stored in the same unit of work, after the reply."""
    make_case_rule(world, trigger="staff_replied")
    world.reply(case, "The scanner is dead", by="rita")
    first = newest(world, case)
    ana, path = as_user("ana"), f"/desk/cases/{case.key}"
    form = ana.get(f"{path}?to={first.id}").page.form(f"{path}/reply")
    assert ana.submit(form, body="We send another one").status_code == 303
    answer, note = sorted(world.messages_of(case), key=lambda message: message.position)[-2:]
    assert (answer.kind, note.kind) == ("reply", "note")
    assert answer.in_reply_to_id == first.id and note.in_reply_to_id is None


def test_every_message_has_an_address(world, as_user, case):
    answered = world.answer(case)
    shown = as_user("rita").get(f"/cases/{case.key}")
    (link,) = shown.page.all("a", href=f"#m-{answered.id}")
    assert link.get("title") == "Link to this message"


def test_a_note_is_answered_by_a_note_only(world, as_user, case):
    note = world.note(case, "The disk is full, do not tell.")
    form = as_user("ana").get(f"/desk/cases/{case.key}?to={note.id}")
    tabs = [radio for radio in form.page.all("input", type="radio", name="kind") if "checked" in radio.attributes]
    assert "note" in [tab.get("value") for tab in tabs] and "reply" not in [tab.get("value") for tab in tabs]
    data = {"body": "> The disk is full, do not tell.\n\nYes", "to": str(note.id)}
    refused = as_user("ana").post(f"/desk/cases/{case.key}/reply", data=data)
    assert refused.status_code == 422 and "You are replying to an internal note" in refused.text
    assert "do not tell" in refused.text and not [m for m in world.messages_of(case) if m.kind == "reply"]
    assert as_user("ana").post(f"/desk/cases/{case.key}/note", data=data).status_code == 303
    assert newest(world, case).in_reply_to_id == note.id
    page = as_user("rita").get(f"/cases/{case.key}")
    assert str(note.id) not in page.text and "data-answers" not in page.text


def test_a_client_can_neither_quote_nor_name_a_note(world, as_user, case):
    note = world.note(case, "The disk is full, do not tell.")
    for path in (f"/cases/{case.key}", f"/cases/{case.key}/replies"):
        page = as_user("rita").get(f"{path}?to={note.id}")
        assert page.status_code == 200 and "do not tell" not in page.text and str(note.id) not in page.page.text
    data = {"body": "Hello", "to": str(note.id)}
    assert as_user("rita").post(f"/cases/{case.key}/replies", data=data).status_code == 303
    assert newest(world, case).in_reply_to_id is None


def test_a_message_of_another_case_is_not_answered(world, as_user, case):
    other = world.case_in("open", by="gil")
    theirs = world.answer(other, "Only for Globex.", by="ana")
    page = as_user("rita").get(f"/cases/{case.key}?to={theirs.id}")
    assert "Only for Globex" not in page.text
    for sent in (str(theirs.id), str(new_id()), "nonsense", "0" * 5000):
        answer = as_user("rita").post(f"/cases/{case.key}/replies", data={"body": f"Hello {sent[:9]}", "to": sent})
        assert answer.status_code == 303
        assert newest(world, case).in_reply_to_id is None


def test_what_was_written_before_stays_above_the_quote(world, as_user, case):
    answered, rita = world.answer(case, "Which one?"), as_user("rita")
    path = f"/cases/{case.key}/replies"
    form = rita.get(path).page.form(path)
    saved = rita.post("/drafts", data=form.filled(body="Half a word"), headers={"Accept": "application/json"})
    assert saved.status_code == 200
    box = rita.get(f"{path}?to={answered.id}").page.first("textarea", id="body")
    assert box.text.strip() == "Half a word > Which one?"


def test_an_answer_to_a_message_of_an_earlier_page_says_so(world, as_user, case, monkeypatch):
    from portal.cases.queries import conversation

    answered = world.answer(case, "Which one?")
    data = {"body": "The second.", "to": str(answered.id)}
    as_user("rita").post(f"/cases/{case.key}/replies", data=data)
    monkeypatch.setattr(conversation, "CONVERSATION_LIMIT", 1)
    world.rows(Message)
    page = as_user("rita").get(f"/cases/{case.key}")
    assert "to an earlier message" in page.text


@given(st.text(max_size=2000))
def test_a_quote_is_short_and_every_line_of_it_is_quoted(body):
    lines = quote_of(body).split("\n")
    assert 1 <= len(lines) <= QUOTED_LINES + 1
    assert all(re.match(r"> ", line) and len(line) <= QUOTED_LETTERS + 3 for line in lines)
