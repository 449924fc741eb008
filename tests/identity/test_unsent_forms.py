"""A session ends while somebody writes: what was posted is on the page that follows the sign-in, and one press sends
it."""

import io
import re

import pytest
from wtforms import PasswordField, StringField

from portal.attachments import actions as attachments
from portal.attachments.models import Attachment
from portal.identity import actions
from portal.identity.models import BrowserSession, UnsentForm
from portal.web.declared_fields import password_field_names
from portal.web.forms import Form
from portal.web.secret_fields import find_secret_fields
from tests.identity.steps import sign_in

WORDS = "Still down since nine.\nC:\\logs\\app.log says <ERROR> & stops"


def end_sessions(world, who):
    for row in world.rows(BrowserSession, BrowserSession.user_id == world.person(who).id):
        row.ended_at = row.created_at
    world.session.flush()


def where_to(answer):
    """The path that the sign-in page leads back to."""
    assert answer.status_code == 303
    return re.search(r"next=([^&]+)", answer.headers["Location"])[1].replace("%2F", "/")


@pytest.mark.check(33, "a reply with files")
def test_a_reply_and_its_files_are_on_the_page_after_signing_in(world, as_user, client):
    case, staged = world.open_case("rita"), world.stage(by="rita", name="screen.png")
    browser = client("rita")
    form = browser.get(f"/cases/{case.key}").page.form(f"/cases/{case.key}/replies")
    end_sessions(world, "rita")
    answer = browser.submit(form, body=WORDS, staged=str(staged.id))
    path = where_to(answer)
    assert path.startswith("/unsent/")
    assert sign_in(browser, world.rita.email, next=path).headers["Location"] == path
    page = browser.get(path)
    assert page.status_code == 200 and "You were signed out before this was sent" in page.page.text
    assert "This was not sent yet" in page.page.text and "Check 1 field" not in page.page.text
    again = page.page.form(f"/cases/{case.key}/replies")
    assert again["body"] == WORDS and again["staged"] == str(staged.id)
    assert browser.submit(again).status_code == 303
    assert [m.body for m in world.messages_of(case) if m.kind == "reply"] == [WORDS]


def test_plain_files_are_staged_for_the_person(world, client):
    """Without scripts the files come with the form."""
    case, browser = world.open_case("rita"), client("rita")
    form = browser.get(f"/cases/{case.key}/replies").page.form(f"/cases/{case.key}/replies")
    end_sessions(world, "rita")
    files = [(io.BytesIO(b"What the machine said"), "scan.txt"), (io.BytesIO(b""), "empty.txt")]
    path = where_to(browser.submit(form, body=WORDS, attachments=files))
    sign_in(browser, world.rita.email, next=path)
    page = browser.get(path)
    assert "scan.txt" in page.page.text
    assert browser.submit(page.page.form(f"/cases/{case.key}/replies")).status_code == 303
    (reply,) = [m for m in world.messages_of(case) if m.kind == "reply"]
    assert [f.filename for f in world.rows(Attachment, Attachment.message_id == reply.id)] == ["scan.txt"]


def test_files_that_could_not_be_kept_are_named_with_the_reason(world, client):
    case, browser = world.open_case("rita"), client("rita")
    form = browser.get(f"/cases/{case.key}/replies").page.form(f"/cases/{case.key}/replies")
    end_sessions(world, "rita")
    files = [(io.BytesIO(b"x"), f"{n}.txt") for n in range(attachments.FILES_AT_ONCE + 1)]
    files[3:3] = [(io.BytesIO(b""), "empty.txt"), (io.BytesIO(b"MZ"), "run<b>.exe")]
    path = where_to(browser.submit(form, body=WORDS, attachments=files))
    sign_in(browser, world.rita.email, next=path)
    page = browser.get(path).page
    lost = [item.text for item in page.first("section", aria_labelledby="unsent-files").all("li")]
    assert all(name in line for name, line in zip(("empty.txt", ".exe", "10.txt"), lost, strict=True)), lost
    assert "is empty" in lost[0] and "at most 10 files" in lost[2]
    again = page.form(f"/cases/{case.key}/replies")
    assert browser.submit(again).status_code == 303
    (reply,) = [m for m in world.messages_of(case) if m.kind == "reply"]
    assert len(world.rows(Attachment, Attachment.message_id == reply.id)) == attachments.FILES_AT_ONCE


def test_of_many_lost_files_ten_are_named_and_the_others_counted(world, client):
    fields = {"name": ["A new name"], "phone": ["+44 20 7946 0000"]}
    lost = [f"{number}.txt" for number in range(10, 35)]
    form_id = actions.keep_unsent_form(world.system(), world.rita.id, "/me", fields, lost)
    page = client("rita").get(f"/unsent/{form_id}").page
    assert "19.txt" in page.text and "20.txt" not in page.text and "and 15 more files" in page.text


def test_a_file_of_another_form_is_named_too(client, world):
    """A logo is staged nowhere: it has to be chosen again, and the page says so."""
    browser = client("ada")
    end_sessions(world, "ada")
    data = {"display_name": "North & West", "logo": (io.BytesIO(b"<svg/>"), "logo.svg")}
    path = where_to(browser.post("/admin/branding", data=data))
    sign_in(browser, world.ada.email, next=path)
    assert "logo.svg" in browser.get(path).page.first("section", aria_labelledby="unsent-files").text


@pytest.mark.parametrize("body", ["", WORDS, WORDS + "x" * actions.UNSENT_LIMIT], ids=["alone", "short", "long"])
def test_files_of_a_form_that_cannot_be_kept_are_named(world, client, body):
    case, browser = world.open_case("rita"), client("rita")
    if len(body) < actions.UNSENT_LIMIT:
        browser.post("/sign-out")
    else:
        end_sessions(world, "rita")
    data = {"body": body, "attachments": (io.BytesIO(b"x"), "scan.txt")}
    answer = browser.post(f"/cases/{case.key}/replies", data=data)
    assert answer.status_code == 401 and "scan.txt" in answer.page.text


def test_a_form_with_control_characters_is_kept_without_them(world, client):
    """PostgreSQL stores no NUL in JSON; the form itself would leave it out as well."""
    browser = client("rita")
    end_sessions(world, "rita")
    path = where_to(browser.post("/new/outage", data={"subject": "Some\0 words", "odd\0name": "x"}))
    sign_in(browser, world.rita.email, next=path)
    page = browser.get(path)
    assert page.status_code == 200 and 'value="Some words"' in page.text


def test_htmx_obeys_the_page_that_is_drawn_again(world, client):
    """Its policy names the nonce that its elements carry; another one would leave every `hx-*` without effect."""
    browser = client("rita")
    end_sessions(world, "rita")
    path = where_to(browser.post("/new/outage", data={"subject": "Some words"}))
    sign_in(browser, world.rita.email, next=path)
    answer = browser.get(path)
    nonces = set(re.findall(r'nonce="(\w+)"', answer.text))
    assert len(nonces) == 1 and f"'nonce-{nonces.pop()}'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.check(33, "a case")
def test_opening_a_case_survives_the_end_of_the_session(world, client):
    browser = client("rita")
    form = browser.get("/new/outage").page.form("/new/outage")
    end_sessions(world, "rita")
    fields = {"account": "ACME", "severity": "3", "subject": "The list stays empty", "description": WORDS}
    path = where_to(browser.submit(form, **fields))
    sign_in(browser, world.rita.email, next=path)
    again = browser.get(path).page.form("/new/outage")
    assert {name: again[name] for name in fields} == fields
    assert browser.submit(again).status_code == 303


def test_the_desk_too(world, client):
    case = world.open_case("rita")
    browser = client("ana")
    form = browser.get(f"/desk/cases/{case.key}/note").page.form(f"/desk/cases/{case.key}/note")
    end_sessions(world, "ana")
    path = where_to(browser.submit(form, body=WORDS))
    sign_in(browser, world.ana.email, next=path)
    assert browser.get(path).page.form(f"/desk/cases/{case.key}/note")["body"] == WORDS


def test_htmx_is_led_to_the_sign_in_with_the_text_kept(world, client):
    case, browser = world.open_case("rita"), client("rita")
    end_sessions(world, "rita")
    answer = browser.hx(f"/cases/{case.key}/replies", method="POST", data={"body": WORDS})
    assert answer.status_code == 401 and "unsent" in answer.headers["HX-Redirect"]


def test_drawing_the_form_again_stores_nothing(world, client, events_of):
    case, browser = world.open_case("rita"), client("rita")
    before = events_of(case)
    end_sessions(world, "rita")
    path = where_to(browser.post(f"/cases/{case.key}/replies", data={"body": WORDS}))
    sign_in(browser, world.rita.email, next=path)
    for _time in range(3):
        browser.get(path)
    assert events_of(case) == before and not world.messages_of(case)[1:]


def test_another_person_who_signs_in_does_not_find_it(world, client):
    browser = client("rita")
    end_sessions(world, "rita")
    path = where_to(browser.post(f"/cases/{world.open_case('rita').key}/replies", data={"body": WORDS}))
    sign_in(browser, world.mel.email, next=path)
    answer = browser.get(path)
    assert answer.status_code == 404 and "Still down" not in answer.text


def test_without_a_cookie_of_ours_nothing_is_stored(world, client):
    for browser, csrf in ((client(), True), (client("rita"), False)):
        end_sessions(world, "rita")
        browser.post("/new/outage", data={"subject": "Words", "description": WORDS}, csrf=csrf)
    assert not world.rows(UnsentForm)


def test_passwords_are_never_stored(world, client):
    """Under no name: the form of the view says which of its fields are passwords, `current` too."""
    browser = client("rita")
    end_sessions(world, "rita")
    browser.post("/me/security", data={"current": "x", "password": "correct horse battery", "description": WORDS})
    assert [set(row.fields) for row in world.rows(UnsentForm)] == [{"description"}]
    answer = browser.post("/me/security", data={"current": "my old password", "password": "correct horse battery"})
    assert "unsent" not in answer.headers["Location"] and len(world.rows(UnsentForm)) == 1


def test_passwords_are_never_shown_again(world, client):
    answer = client("rita").post("/cases/ACME-99999/replies", data={"current": "my old password", "body": WORDS})
    assert answer.status_code == 404
    assert "Still down since nine." in answer.text and "my old password" not in answer.text


def test_every_password_field_of_a_form_is_known():
    class PinForm(Form):
        pin = PasswordField()

    class LongerPinForm(PinForm):
        remark = StringField()

    assert {"current", "password", "pin"} <= password_field_names()
    assert find_secret_fields(["pin", "csrf_token", "remark"]) == {"pin", "csrf_token"}


def test_at_most_five_are_kept_and_none_is_large(world, client):
    browser = client("rita")
    end_sessions(world, "rita")
    for n in range(7):
        browser.post("/new/outage", data={"subject": f"Words {n}"})
    assert [row.fields["subject"] for row in world.rows(UnsentForm)] == [[f"Words {n}"] for n in range(2, 7)]
    browser.post("/new/outage", data={"description": "x" * (actions.UNSENT_LIMIT + 1)})
    assert len(world.rows(UnsentForm)) == actions.UNSENT_MOST


def test_it_is_over_after_a_day(world, client, travel, run_outbox):
    """It answers 404 at once, and the worker deletes it although nobody came back."""
    browser = client("rita")
    end_sessions(world, "rita")
    path = where_to(browser.post("/new/outage", data={"subject": "Some words"}))
    travel(hours=actions.UNSENT_HOURS + 1)
    sign_in(browser, world.rita.email, next=path)
    assert browser.get(path).status_code == 404
    run_outbox()
    assert not world.rows(UnsentForm)


@pytest.mark.parametrize("who", ["rita", "ana"])
def test_a_form_whose_object_is_gone_still_shows_the_text(world, client, who):
    browser = client(who)
    end_sessions(world, who)
    base = "/desk/cases" if who == "ana" else "/cases"
    path = where_to(browser.post(f"{base}/ACME-99999/{'reply' if who == 'ana' else 'replies'}", data={"body": WORDS}))
    sign_in(browser, world.person(who).email, next=path)
    answer = browser.get(path)
    assert answer.status_code == 404 and "Still down since nine." in answer.text


@pytest.mark.parametrize("body", [WORDS, WORDS + "x" * actions.UNSENT_LIMIT], ids=["short", "long"])
def test_what_cannot_be_kept_is_shown_to_be_copied(world, client, body):
    """Signed out in another tab, there is no session to know the person by; and a form may be too long to be stored."""
    case, browser = world.open_case("rita"), client("rita")
    if len(body) < actions.UNSENT_LIMIT:
        browser.post("/sign-out")
    else:
        end_sessions(world, "rita")
    answer = browser.post(f"/cases/{case.key}/replies", data={"body": body})
    assert answer.status_code == 401 and not world.rows(UnsentForm)
    assert "Still down since nine." in answer.page.text and "Copy it first" in answer.page.text
    assert f"/sign-in?next=/cases/{case.key}/replies" in answer.text.replace("%2F", "/")
