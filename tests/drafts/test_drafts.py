"""Drafts: what somebody writes is kept on the server until it is sent, and found again on another device."""

import datetime as dt
import io
import json

import pytest

from portal.attachments.models import Attachment
from portal.drafts import actions
from portal.drafts.models import FormDraft
from portal.kernel import retention
from tests.support.community import add_space, ask

WORDS = "Still down since nine.\nC:\\logs\\app.log says <ERROR> & stops"
QUIET = {"Accept": "application/json"}


def drafts_of(world, who):
    return world.rows(FormDraft, FormDraft.user_id == world.person(who).id)


def reply_form(browser, case):
    return browser.get(f"/cases/{case.key}").page.form(f"/cases/{case.key}/replies")


def keep(browser, form, by_itself=True, base="/drafts", **fields):
    """Save *form* as a draft: as the script does, or by the button."""
    data = form.filled(**fields)
    return browser.post(base, data=data, headers=QUIET if by_itself else {})


@pytest.mark.check(33, "a draft of a reply on another device")
def test_a_reply_is_found_on_another_device_and_gone_after_sending(world, client):
    case, laptop, phone = world.open_case("rita"), client("rita"), client("rita")
    answer = keep(laptop, reply_form(laptop, case), body=WORDS)
    assert answer.status_code == 200 and answer.json["version"] == 1 and "Draft saved" in answer.json["line"]
    for path in (f"/cases/{case.key}", f"/cases/{case.key}/replies"):
        page = phone.get(path).page
        form = page.form(f"/cases/{case.key}/replies")
        assert form["body"] == WORDS and form["draft_version"] == "1" and "Draft saved" in page.text
    assert phone.submit(form).status_code == 303
    assert not drafts_of(world, "rita") and world.messages_of(case)[-1].body == WORDS
    assert reply_form(laptop, case)["body"] == ""


@pytest.mark.check(33, "a draft of a case without scripts")
def test_the_button_keeps_a_case_without_scripts_and_stays_on_the_form(world, client):
    browser = client("rita")
    form = browser.get("/new/outage").page.form("/new/outage")
    (button,) = [b for b in form.element.all("button") if b.get("formaction") == "/drafts"]
    assert "formnovalidate" in button.attributes and button.text == "Save draft"
    fields = {"account": "ACME", "severity": "3", "subject": "The list stays empty", "description": WORDS}
    files = [(io.BytesIO(b"What the machine said"), "scan.txt")]
    answer = keep(browser, form, by_itself=False, attachments=files, **fields)
    assert answer.status_code == 303 and answer.headers["Location"] == "/new/outage"
    page = browser.get("/new/outage").page
    again = page.form("/new/outage")
    assert {name: again[name] for name in fields} == fields
    assert "Draft saved today" in page.text and "scan.txt" in page.text
    assert browser.submit(again).status_code == 303
    assert not drafts_of(world, "rita") and len(world.rows(Attachment, Attachment.case_id.is_not(None))) == 1


@pytest.mark.check(33, "a draft of a rejection")
def test_a_rejection(world, client):
    case, browser = world.case_in("resolved", by="rita"), client("rita")
    action = f"/cases/{case.key}/resolution/reject"
    keep(browser, browser.get(action).page.form(action), reason=WORDS)
    again = browser.get(f"/cases/{case.key}/resolution").page.form(action)
    assert again["reason"] == WORDS
    assert browser.submit(again).status_code == 303 and not drafts_of(world, "rita")


def test_a_reply_of_support_with_its_status(world, client):
    case, browser = world.open_case("rita"), client("ana")
    action = f"/desk/cases/{case.key}/reply"
    form = browser.get(f"/desk/cases/{case.key}").page.form(action)
    keep(browser, form, base="/desk/drafts", body=WORDS, status="waiting")
    for path in (f"/desk/cases/{case.key}", action):
        again = browser.get(path).page.form(action)
        assert (again["body"], again["status"], again["kind"]) == (WORDS, "waiting", "reply")
    assert browser.submit(again).status_code == 303 and not drafts_of(world, "ana")


def test_a_note_is_the_same_draft_as_the_reply_beside_it(world, client):
    """Whoever switches between both in the composer has one text, and sending it leaves nothing behind."""
    case, browser = world.open_case("rita"), client("ana")
    action, note = f"/desk/cases/{case.key}/reply", f"/desk/cases/{case.key}/note"
    page = browser.get(f"/desk/cases/{case.key}").page
    keep(browser, page.form(action), base="/desk/drafts", body=WORDS)
    assert "There is a draft of this" in browser.get(note).page.text
    assert browser.get(note).page.form(note)["body"] == ""
    again = browser.get(f"/desk/cases/{case.key}").page.form(action)
    keep(browser, again, base="/desk/drafts", kind="note", body=WORDS)
    shown = browser.get(note).page.form(note)
    assert shown["body"] == WORDS and browser.get(action).page.form(action)["kind"] == "note"
    assert "Internal note" in browser.get("/desk/drafts").page.text
    assert browser.post(note, data=shown.filled()).status_code == 303 and not drafts_of(world, "ana")


def test_notes_are_never_on_the_portal(world, client):
    """One person on both sides: each side lists its own drafts, and takes none of the other's addresses."""
    case = world.open_case("rita")
    browser = client("ana")
    form = browser.get(f"/desk/cases/{case.key}").page.form(f"/desk/cases/{case.key}/reply")
    assert keep(browser, form, kind="note", body=WORDS).status_code == 404
    assert "You have no drafts." in browser.get("/drafts").page.text
    rita = client("rita")
    data = {"draft_of": f"/desk/cases/{case.key}/reply", "body": WORDS}
    assert rita.post("/drafts", data=data, headers=QUIET).status_code == 404
    assert rita.post("/desk/drafts", data=data, headers=QUIET).status_code == 403
    assert not drafts_of(world, "ana") and not drafts_of(world, "rita")


@pytest.fixture
def topic(world):
    world.ctx("ana", "staff")
    return ask(world, add_space(world, by="ada"), by="rita")


def test_topics_and_answers_of_the_community(world, client, topic):
    for who, base, new, answers in (
        ("mel", "/drafts", "/community/new", f"/community/{topic.id}/answers"),
        ("ana", "/desk/drafts", "/desk/community/new", f"/desk/community/topics/{topic.id}/answers"),
    ):
        browser = client(who)
        assert keep(browser, browser.get(new).page.form(new), base=base, title="How?", body=WORDS).status_code == 200
        assert browser.get(new).page.form(new)["body"] == WORDS
        assert keep(browser, browser.get(answers).page.form(answers), base=base, body=WORDS).status_code == 200
        shown = browser.get(answers.removesuffix("/answers")).page.form(answers)
        assert shown["body"] == WORDS and topic.title in browser.get(base).page.text
        assert browser.submit(shown).status_code == 303 and len(drafts_of(world, who)) == 1


def test_a_help_article_keeps_the_version_that_it_was_written_about(world, client):
    from tests.support.help_articles import add_article, add_category

    ctx = world.ctx("ada", "staff")
    article = add_article(ctx, add_category(ctx), "Printers")
    action = f"/desk/help/articles/{article.slug}/texts/en"
    browser = client("ada")
    keep(browser, browser.get(action).page.form(action), base="/desk/drafts", body=WORDS)
    other = client("ada")
    form = other.get(action).page.form(action)
    other.post(action, data=form.filled(body="Somebody else's", draft_version=""))
    mine = browser.get(action).page.form(action)
    assert mine["body"] == WORDS and browser.submit(mine).status_code == 409
    assert "Printers" in browser.get("/desk/drafts").page.text


def test_of_two_devices_the_newer_draft_is_never_overwritten_silently(world, client):
    case, laptop, phone = world.open_case("rita"), client("rita"), client("rita")
    first, second = reply_form(laptop, case), reply_form(phone, case)
    assert keep(laptop, first, body="From the laptop").status_code == 200
    answer = keep(phone, second, body="From the phone")
    assert answer.status_code == 409 and answer.json["version"] == 1 and "newer draft" in answer.json["message"]
    assert drafts_of(world, "rita")[0].fields["body"] == ["From the laptop"]
    # By the button: both texts on one page, and a button for each.
    page = keep(phone, second, by_itself=False, body="From the phone")
    assert page.status_code == 409
    assert "From the laptop" in page.page.text and "From the phone" in page.page.text
    kept = phone.submit(page.page.form("/drafts"))
    assert kept.status_code == 303 and drafts_of(world, "rita")[0].fields["body"] == ["From the phone"]
    assert keep(laptop, first, draft_version="1", body="From the laptop, more").status_code == 409


def test_the_same_text_from_two_devices_is_no_conflict(world, client):
    case, laptop, phone = world.open_case("rita"), client("rita"), client("rita")
    first, second = reply_form(laptop, case), reply_form(phone, case)
    assert keep(laptop, first, body=WORDS).status_code == 200
    assert keep(phone, second, body=WORDS).json["version"] == 1


def test_sending_an_older_text_leaves_the_newer_draft_of_another_device(world, client):
    case, laptop, phone = world.open_case("rita"), client("rita"), client("rita")
    keep(laptop, reply_form(laptop, case), body="From the laptop")
    keep(phone, reply_form(phone, case), body="From the phone, newer")
    assert laptop.post(f"/cases/{case.key}/replies", data={"body": "Sent", "draft_version": "1"}).status_code == 303
    assert [row.fields["body"] for row in drafts_of(world, "rita")] == [["From the phone, newer"]]


def test_a_late_save_does_not_bring_back_what_was_sent(world, client):
    case, browser = world.open_case("rita"), client("rita")
    keep(browser, reply_form(browser, case), body=WORDS)
    form = reply_form(browser, case)
    assert browser.submit(form).status_code == 303
    assert keep(browser, form, body=WORDS + "!").status_code == 410 and not drafts_of(world, "rita")


def test_a_refused_reply_keeps_its_draft(world, client):
    case, browser = world.open_case("rita"), client("rita")
    keep(browser, reply_form(browser, case), body=WORDS)
    answer = browser.submit(reply_form(browser, case), body="x" * 60_000)
    assert answer.status_code == 422 and answer.page.form(f"/cases/{case.key}/replies")["draft_version"] == "1"
    assert [row.fields["body"] for row in drafts_of(world, "rita")] == [[WORDS]]


def test_an_address_that_asks_for_other_words_shows_them_and_names_the_draft(world, client):
    browser = client("rita")
    keep(browser, browser.get("/new/outage").page.form("/new/outage"), subject="Kept", description=WORDS)
    page = browser.get("/new/outage?subject=Another+one").page
    assert page.form("/new/outage")["subject"] == "Another one" and "There is a draft of this" in page.text
    assert "/new/outage" in page.links


def test_the_list_is_in_the_menu_only_while_there_is_a_draft(world, client):
    case, browser = world.open_case("rita"), client("rita")
    assert "/drafts" not in browser.get("/").page.links
    assert "You have no drafts." in browser.get("/drafts").page.text
    keep(browser, reply_form(browser, case), body=WORDS)
    assert "/drafts" in browser.get("/").page.links
    page = browser.get("/drafts").page
    assert case.key in page.text and "Still down since nine." in page.text and "<ERROR>" in page.text
    assert f"/cases/{case.key}/replies" in page.links


def test_discarding_asks_and_then_deletes(world, client):
    case, browser = world.open_case("rita"), client("rita")
    keep(browser, reply_form(browser, case), body=WORDS)
    (row,) = drafts_of(world, "rita")
    path = f"/drafts/{row.id}/discard"
    assert path in browser.get(f"/cases/{case.key}").page.links
    page = browser.get(path).page
    assert "Still down since nine." in page.text and len(drafts_of(world, "rita")) == 1
    assert browser.submit(page.form(path)).status_code == 303 and not drafts_of(world, "rita")
    assert browser.get(path).status_code == 404


@pytest.mark.check(33, "nobody else's draft")
def test_nobody_else_finds_a_draft(world, client):
    case, browser = world.open_case("rita", visibility="shared"), client("rita")
    keep(browser, reply_form(browser, case), body=WORDS)
    (row,) = drafts_of(world, "rita")
    for who in ("mel", "gil"):
        other = client(who)
        assert other.get(f"/drafts/{row.id}/discard").status_code == 404
        assert "Still down" not in other.get("/drafts").text
    assert "Still down" not in client("mel").get(f"/cases/{case.key}").text
    assert "Still down" not in client("ana").get(f"/desk/cases/{case.key}").text


def test_whoever_is_excluded_from_a_case_has_no_draft_about_it(world, client):
    case, browser = world.open_case("rita", visibility="shared"), client("mel")
    world.put_in_copy(case, world.mel.email)
    keep(browser, reply_form(browser, case), body=WORDS)
    (row,) = drafts_of(world, "mel")
    world.exclude(case, "mel")
    page = browser.get("/drafts").page
    assert case.key not in page.text and "Still down" not in page.text and case.subject not in page.text
    assert browser.get(f"/drafts/{row.id}/discard").status_code == 404
    data = {"draft_of": f"/cases/{case.key}/replies", "body": WORDS, "draft_version": "1"}
    assert browser.post("/drafts", data=data, headers=QUIET).status_code == 404


def test_a_foreign_case_and_a_missing_one_look_the_same(world, client):
    case, browser = world.open_case("gil"), client("rita")
    answers = [
        browser.post("/drafts", data={"draft_of": f"/cases/{key}/replies", "body": WORDS}, headers=QUIET)
        for key in (case.key, "ACME-99999")
    ]
    assert [answer.status_code for answer in answers] == [404, 404] and answers[0].json == answers[1].json


ELSEWHERE = (
    *("", "/", "//evil.example/x", "/me", "/cases", "/drafts", "/cases/x/replies", "/new/nothing", "/new/outage?x=1"),
    *("https://evil.example/new/outage", "/new/" + "x" * 500, "/cases/ACME-1/replies\n", "\0", "/desk/new"),
)


@pytest.mark.parametrize("path", ELSEWHERE)
def test_no_other_address_takes_a_draft(world, client, path):
    answer = client("rita").post("/drafts", data={"draft_of": path, "body": WORDS}, headers=QUIET)
    assert answer.status_code == 404 and not drafts_of(world, "rita")


def test_secrets_and_tokens_are_never_kept(world, client):
    browser = client("rita")
    form = browser.get("/new/outage").page.form("/new/outage")
    keep(browser, form, description=WORDS, password="correct horse", current="old", api_token="x" * 40)
    (row,) = drafts_of(world, "rita")
    assert not {"password", "current", "api_token", "csrf_token", "once", "draft_of", "draft_version"} & set(row.fields)
    assert "correct horse" not in json.dumps(row.fields)


def test_a_text_that_is_too_long_is_refused_with_a_sentence(world, client):
    case, browser = world.open_case("rita"), client("rita")
    body = "x" * (actions.DRAFT_LIMIT + 1)
    answer = keep(browser, reply_form(browser, case), body=body)
    assert answer.status_code == 422 and "too long to be kept" in answer.json["message"]
    page = keep(browser, reply_form(browser, case), by_itself=False, body=body)
    assert page.status_code == 422 and body in page.text and not drafts_of(world, "rita")


def test_a_person_has_a_bounded_number_of_them(world, client, monkeypatch):
    monkeypatch.setattr(actions, "MOST_DRAFTS", 2)
    browser = client("rita")
    answers = [keep(browser, reply_form(browser, world.open_case("rita")), body=WORDS) for _n in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 422] and "You have 2 drafts" in answers[2].json["message"]


def test_control_characters_are_left_out(world, client):
    browser = client("rita")
    data = {"draft_of": "/new/outage", "subject": "Some\0 words", "odd\0name": "x"}
    assert browser.post("/drafts", data=data, headers=QUIET).status_code == 200
    assert browser.get("/new/outage").page.form("/new/outage")["subject"] == "Some words"


def test_without_a_valid_token_nothing_is_kept_and_the_text_stays(world, client):
    case, browser = world.open_case("rita"), client("rita")
    data = {"draft_of": f"/cases/{case.key}/replies", "body": WORDS}
    page = browser.post("/drafts", data=data, csrf=False)
    assert page.status_code == 422 and page.page.form(f"/cases/{case.key}/replies")["body"] == WORDS
    assert browser.post("/drafts", data=data, csrf=False, headers=QUIET).status_code == 422
    assert not drafts_of(world, "rita")


def test_a_session_that_ended_leads_back_to_the_form_and_not_to_the_list(world, client):
    from tests.identity.steps import sign_in
    from tests.identity.test_unsent_forms import end_sessions, where_to

    case, browser = world.open_case("rita"), client("rita")
    form = reply_form(browser, case)
    end_sessions(world, "rita")
    assert keep(browser, form, body=WORDS).status_code == 401
    path = where_to(keep(browser, form, by_itself=False, body=WORDS))
    sign_in(browser, world.rita.email, next=path)
    assert browser.get(path).page.form(f"/cases/{case.key}/replies")["body"] == WORDS


def test_files_that_are_gone_are_said_to_be_gone(world, client):
    case, browser = world.open_case("rita"), client("rita")
    staged = world.stage(by="rita", name="screen.png")
    keep(browser, reply_form(browser, case), body=WORDS, staged=str(staged.id))
    assert "screen.png" in browser.get(f"/cases/{case.key}").page.text
    world.session.delete(world.session.get(Attachment, staged.id))
    world.session.flush()
    page = browser.get(f"/cases/{case.key}").page
    assert page.form(f"/cases/{case.key}/replies")["body"] == WORDS
    assert "Its files are no longer kept" in page.text


def test_a_draft_is_deleted_a_month_after_its_last_change(world, client, travel):
    case, browser = world.open_case("rita"), client("rita")
    keep(browser, reply_form(browser, case), body=WORDS)
    assert retention.days_of("drafts") == 30
    travel(days=29)
    later = client("rita")
    keep(later, reply_form(later, case), body=WORDS + " More")
    assert actions.delete_old(world.system(), world.system().now - dt.timedelta(minutes=5), 10) == 0
    travel(days=1)
    assert actions.delete_old(world.system(), world.system().now, 10) == 1


def test_a_form_without_a_draft_costs_no_statement_to_send(world, client, statements):
    """Pages that know of no draft send no version, so that nothing is looked for."""
    case, browser = world.open_case("rita"), client("rita")
    form = reply_form(browser, case)
    with statements() as counted:
        browser.submit(form, body=WORDS)
    assert not [one for one in counted if "drafts" in str(one) and "DELETE" in str(one).upper()]
