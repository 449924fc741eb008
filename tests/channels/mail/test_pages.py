"""The mail log, the quarantine and the mailboxes, as administrators use them."""

import re
from pathlib import Path

import pytest

from portal.cases.models import Case, Message
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.engine import parsing
from portal.channels.mail.labels import PROBLEMS
from portal.channels.mail.models import InboundMail, Mailbox
from portal.tenants.models import StaffMember
from tests.channels.mail.messages import bounce, raw
from tests.channels.mail.test_intake import SUPPORT, Post

PARSING = Path(parsing.__file__)


@pytest.fixture
def post(world):
    add_mailbox(world.system(), SUPPORT)
    return Post(world)


@pytest.fixture
def ada(as_user, world):
    return as_user(world.ada)


def address_of(row: InboundMail, verb: str = "") -> str:
    return f"/admin/mail-log/{row.id}{verb}"


def test_the_log_says_what_became_of_a_mail(post, ada):
    post.send("rita", Subject="Printer <b>broken</b>")
    post.send("stranger@nowhere.example", Subject="Who am I")
    answer = ada.get("/admin/mail-log")
    assert "Printer &lt;b&gt;broken&lt;/b&gt;" in answer.text
    assert "Nobody here has this address" in answer.text
    assert "Who am I" not in ada.get("/admin/mail-log?fate=case").text
    assert "Who am I" in ada.get("/admin/mail-log?fate=waiting").text
    assert "Who am I" in ada.get("/admin/mail-log?q=STRANGER").text
    assert "No email matches" in ada.get("/admin/mail-log?q=nothing-like-it").text


def test_a_mail_is_shown_with_its_words_and_its_original(post, ada):
    row = post.send("rita", "It <i>smokes</i>.\n\n-- \nRita", Cc="boss@other.example")
    answer = ada.get(address_of(row))
    assert "It &lt;i&gt;smokes&lt;/i&gt;." in answer.text
    assert "boss@other.example" in answer.text
    assert row.facts["key"] in answer.text
    original = ada.get(address_of(row, "/original"))
    assert original.content_type.startswith("text/plain")
    assert "Subject: Printer" in original.text


def test_a_mail_is_shown_with_what_intake_saw(post, ada):
    first = post.mail("rita", Message_ID="<one@acme.example>")
    row = post.take(first)
    shown = ada.get(address_of(row)).page.text
    assert "Came by LMTP" in shown and "one@acme.example" in shown and "Size" in shown
    again = post.take(first)
    assert again.fate == "duplicate"
    assert f"/admin/mail-log/{row.id}" in ada.get(address_of(again)).page.links
    robot = ada.get(address_of(post.send("rita", Auto_Submitted="auto-replied"))).page.text
    assert "Recognized by Auto-Submitted: auto-replied" in robot
    returned = ada.get(address_of(post.take(bounce())))
    assert "Undeliverable to jan@acme.example" in returned.page.text
    assert "/admin/mail?to=jan%40acme.example" in returned.page.links
    twice = ada.get(address_of(post.take(raw("From: a@acme.example\nFrom: b@acme.example")))).page.text
    assert "It has more than one line “From”." in twice


def test_every_problem_of_reading_has_a_sentence(world):
    noted = re.findall(r'problems(?:\.append\(| \+= \[)"(\w+)"', PARSING.read_text())
    assert set(noted) == set(PROBLEMS), "a problem without a sentence, or a sentence without a problem"


def test_a_released_mail_is_its_senders(post, ada, world):
    row = post.send("rita", Authentication_Results="")
    assert row.reason == "unauthenticated"
    assert ada.get(address_of(row, "/release")).status_code == 200
    assert ada.post(address_of(row, "/release")).status_code == 303
    [case] = world.rows(Case)
    row = world.row(InboundMail, row.id)
    assert (case.reported_by_id, case.channel) == (world.rita.id, "mail")
    assert (row.fate, row.handled_as, row.case_id) == ("case", "released", case.id)
    assert ada.post(address_of(row, "/release")).status_code == 409
    assert len(world.rows(Case)) == 1


def test_a_mail_of_a_stranger_cannot_be_released(post, ada, world):
    row = post.send("stranger@nowhere.example")
    answer = ada.post(address_of(row, "/release"))
    assert answer.status_code == 422
    assert not world.rows(Case)


def test_a_stranger_becomes_a_contact(post, ada, world):
    row = post.send("new@acme.example")
    form = ada.get(address_of(row, "/sender")).page.form(address_of(row, "/sender"))
    assert form["account"] == "", "nobody is let into an account that was not chosen"
    unchosen = ada.post(address_of(row, "/sender"), data={"account": "", "name": "Nora New"})
    assert unchosen.status_code == 422 and "Choose an account" in unchosen.page.text and "Nora New" in unchosen.text
    answer = ada.post(address_of(row, "/sender"), data={"account": "ACME", "name": "Nora New"})
    assert answer.status_code == 303
    [case] = world.rows(Case)
    assert world.case(f"ACME-{case.number}").contact_user.name == "Nora New"
    assert post.send("new@acme.example", "The next one").fate == "case"


def test_a_mail_is_attached_as_a_note(post, ada, world):
    key = world.open_case(by="rita").key
    row = post.send("stranger@nowhere.example", "I saw it too.")
    assert ada.post(address_of(row, "/attach"), data={"case": "NONE-1"}).status_code == 422
    assert ada.post(address_of(row, "/attach"), data={"case": key.lower()}).status_code == 303
    [message] = world.rows(Message)
    assert (message.kind, message.author_id) == ("note", world.ada.id)
    assert "stranger@nowhere.example" in message.body
    assert "I saw it too." in message.body


def test_a_discarded_mail_stays_in_the_log(post, ada, world):
    row = post.send("stranger@nowhere.example")
    assert ada.post(address_of(row, "/discard")).status_code == 303
    row = world.row(InboundMail, row.id)
    assert (row.fate, row.handled_as, row.handled_by_id) == ("quarantine", "discarded", world.ada.id)
    assert "Discarded" in ada.get(address_of(row)).text


def test_whoever_is_excluded_from_a_case_does_not_see_its_mails(post, ada, world):
    row = post.send("rita", Subject="About Ada")
    assert ada.get(address_of(row)).status_code == 200
    world.exclude(post.case_of(row), "ada")
    for verb in ("", "/original", "/release", "/attach", "/discard"):
        assert ada.get(address_of(row, verb)).status_code == 404
    assert "About Ada" not in ada.get("/admin/mail-log").text


@pytest.mark.parametrize("who", ["ana", "lee", "pat", "aud", "rita", "olga"])
def test_only_administrators_read_mails(post, as_user, world, who):
    row = post.send("stranger@nowhere.example", Subject="Private words")
    for path in ("/admin/mail-log", address_of(row), address_of(row, "/original")):
        answer = as_user(world.person(who)).get(path)
        assert answer.status_code in (403, 404)
        assert "Private words" not in answer.text


def test_mailboxes_are_added_routed_and_switched(ada, world):
    new = {"way": "passed", "department": "", "type": ""}
    assert ada.post("/admin/mailboxes/new", data={**new, "address": "no address"}).status_code == 422
    assert ada.post("/admin/mailboxes/new", data={**new, "address": SUPPORT}).status_code == 303
    assert ada.post("/admin/mailboxes/new", data={**new, "address": SUPPORT}).status_code == 422
    [box] = world.rows(Mailbox)
    assert box.state == "off"
    assert ada.post(f"/admin/mailboxes/{box.id}/switch").status_code == 422  # it was not tested
    box.state, box.proven_at = "on", box.created_at
    world.session.commit()
    type_id = str(world.types["question"].id)
    assert ada.post(f"/admin/mailboxes/{box.id}", data={"department": "", "type": type_id}).status_code == 303
    assert str(world.row(Mailbox, box.id).request_type_id) == type_id
    assert SUPPORT in ada.get("/admin/mailboxes").text
    assert ada.post(f"/admin/mailboxes/{box.id}/switch").status_code == 303
    assert world.row(Mailbox, box.id).state == "off"
    assert Post(world).send("rita").reason == "mailbox_off"


def test_support_says_that_mails_can_be_answered_only_where_a_mailbox_is_on(as_user, world, ada):
    def page() -> str:
        return as_user(world.rita).get("/support").text

    before = page()
    add_mailbox(world.system(), SUPPORT)
    assert page() != before
    [box] = world.rows(Mailbox)
    ada.post(f"/admin/mailboxes/{box.id}/switch")
    assert page().count("mail") == before.count("mail")


FORWARD = """See below.

---------- Forwarded message ---------
{label}: Jan Kowal <jan@acme.example>
Date: Mon, 2 Nov 2026
Subject: Printer
To: Ana

It <b>smokes</b>."""


@pytest.mark.parametrize("label", ["From", "Od", "*From"])
def test_a_colleagues_forward_proposes_its_original_sender(post, ada, world, label):
    text = FORWARD.format(label=label)
    row = post.send("ana@northwind.example", text, Subject="Fwd: Printer")
    assert (row.fate, row.reason) == ("quarantine", "staff_forward")
    assert row.facts["original_sender"][0] == "jan@acme.example"
    assert "Open a case" in ada.get(address_of(row)).text
    form = ada.get(address_of(row, "/release")).text
    assert 'value="jan@acme.example"' in form and 'value="Jan Kowal"' in form
    assert '<option selected value="ACME">' in form  # the account of the original sender
    sent = {"account": "ACME", "person_name": "Jan Kowal", "person_email": "jan@acme.example"}
    assert ada.post(address_of(row, "/release"), data={**sent, "person_email": "no address"}).status_code == 422
    assert ada.post(address_of(row, "/release"), data={**sent, "account": ""}).status_code == 422
    assert ada.post(address_of(row, "/release"), data=sent).status_code == 303
    [case] = world.rows(Case)
    assert (case.contact_user_id, case.reported_by_id, case.channel) == (world.jan.id, world.ada.id, "mail")
    assert "It <b>smokes</b>." in case.description
    row = world.row(InboundMail, row.id)
    assert (row.fate, row.handled_as, row.case_id) == ("case", "opened", case.id)
    assert ada.post(address_of(row, "/release"), data=sent).status_code == 409
    assert len(world.rows(Case)) == 1


def test_a_forward_of_a_stranger_is_no_proposal(post, world):
    row = post.send("ana@northwind.example", FORWARD.format(label="From"), Authentication_Results="")
    assert (row.reason, "original_sender" in row.facts) == ("unauthenticated", False)
    assert not world.rows(Case)


def test_an_answer_of_support_that_names_another_client_needs_a_reason(post, ada, world):
    case = world.open_case(by="rita")
    body = "As in GLOBEX-1, restart it."
    row = post.send("ana@northwind.example", body, In_Reply_To=post.sent(case, "rita"))
    assert (row.fate, row.reason) == ("quarantine", "refused")
    path = address_of(row, "/release")
    assert not ada.get(path).page.all("input", name="anyway")
    asked = ada.post(path, data={})
    assert asked.status_code == 422 and "GLOBEX-1 is a case of Globex" in asked.page.text
    marks = asked.page.first("input", name="anyway_for").get("value")
    assert ada.post(path, data={"anyway": " ", "anyway_for": marks}).status_code == 422
    assert not world.messages_of(case)
    assert ada.post(path, data={"anyway": "Both are one group", "anyway_for": marks}).status_code == 303
    [message] = world.messages_of(case)
    assert (message.body, message.author_id) == (body, world.ana.id)
    [event] = [event for event in world.events_of(case) if event.name == "case.sent_anyway"]
    assert (event.actor_user_id, event.facts["reason"]) == (world.ada.id, "Both are one group")


def test_a_forward_that_names_another_client_needs_a_reason(post, ada, world):
    row = post.send("ana@northwind.example", "As Globex had it.", Subject="Fwd: Printer")
    assert row.fate == "quarantine"
    data = {"account": "ACME", "person_name": "Rita", "person_email": "rita@acme.example"}
    path = address_of(row, "/release")
    asked = ada.post(path, data=data)
    assert asked.status_code == 422 and not world.rows(Case)
    marks = asked.page.first("input", name="anyway_for").get("value")
    assert ada.post(path, data={**data, "anyway": "They know", "anyway_for": marks}).status_code == 303
    assert len(world.rows(Case)) == 1


def test_who_looks_after_some_accounts_reads_no_name_of_another_client(post, as_user, ada, world):
    case = world.open_case(by="gil")
    row = post.send("ana@northwind.example", "As in ACME-1, restart it.", In_Reply_To=post.sent(case, "gil"))
    assert (row.fate, row.reason) == ("quarantine", "refused")
    world.row(StaffMember, world.tom.staff_id).role = "admin"
    world.session.flush()
    for path in (address_of(row), "/admin/mail-log", address_of(row, "/release")):
        limited, whole = as_user("tom").get(path).page, ada.get(path).page
        assert "did not accept it" in limited.text and "is a case of Acme" not in limited.text
        assert "is a case of Acme" in whole.text
