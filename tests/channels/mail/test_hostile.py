"""Hostile and odd mails, class by class, with the fate of each: nobody joins a stranger to a case, and no robot is
answered twice. What is malformed is in `test_intake.py` and `test_parsing.py`, quoted text in `test_quotes.py`."""

import pytest

from portal.cases.models import Case, CaseGrant
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.queries.reply_addresses import reply_address
from portal.notifications.models import OutgoingMail
from tests.channels.mail.test_intake import SUPPORT, Post, fate

EVE = "eve@evil.example"


@pytest.fixture
def post(world):
    add_mailbox(world.system(), SUPPORT)
    return Post(world)


def recipients(world) -> list[str]:
    return sorted(mail.recipient for mail in world.rows(OutgoingMail))


# -- mails of ours and of customers in the wrong hands -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "reason"),
    [(EVE, "via_other"), ("mel", "no_access"), ("gil@globex.example", "no_access")],
    ids=["stranger", "colleague", "another client"],
)
def test_a_notification_that_was_forwarded_is_answered_by_somebody_else(post, world, run_outbox, sender, reason):
    case = world.open_case(by="rita", visibility="private")
    reference = post.sent(case, "rita")
    run_outbox()
    before = recipients(world)
    row = post.send(sender, "I got this from Rita.", Subject="Re: Printer", In_Reply_To=reference)
    run_outbox()
    assert fate(row) == ("quarantine", reason)
    assert world.reload(case).message_count == 0
    # A stranger is told nothing. Somebody known, confirmed by their server, is told that it was not added, no more.
    told = [] if sender == EVE else [row.sender_email]
    assert recipients(world) == sorted([*before, *told])
    for mail in world.rows(OutgoingMail, OutgoingMail.recipient == row.sender_email):
        assert case.key not in f"{mail.subject} {mail.text}"
        assert case.subject not in f"{mail.subject} {mail.text}"


@pytest.mark.parametrize(
    ("sender", "reason"), [(EVE, "unknown_sender"), ("mel", "no_access")], ids=["stranger", "colleague"]
)
def test_a_blind_copy_answers_the_customers_mail(post, world, sender, reason):
    case = post.case_of(post.send("rita", Message_ID="<first@acme.example>"))
    case.visibility = "private"
    world.session.commit()
    row = post.send(sender, "Answering all.", Subject="Re: Printer", In_Reply_To="<first@acme.example>")
    assert fate(row) == ("quarantine", reason)
    assert world.reload(case).message_count == 0


def test_a_mail_in_which_support_is_a_blind_copy_opens_a_case(post):
    row = post.take(post.mail("rita", To="somebody@else.example"), SUPPORT)
    assert fate(row) == ("case", "new_case")


def test_a_valid_reply_address_is_no_key_for_who_is_excluded(post, world):
    case = world.open_case(by="rita", cc=["mel@acme.example"])
    address = reply_address(world.system(), SUPPORT, case.key, world.mel.id)
    world.exclude(case, "mel")
    assert fate(post.send("mel", "By my old address", To=address)) == ("quarantine", "no_access")


# -- Message-IDs that are not unique -----------------------------------------------------------------------------------


def test_another_clients_mail_with_the_same_message_id_takes_no_answer_away(post, world):
    case = post.case_of(post.send("rita", "The first", Message_ID="<same@x.example>"))
    other = post.case_of(post.send("gil@globex.example", "The second", Message_ID="<same@x.example>"))
    assert other.account_id == world.globex.id
    for sender, theirs in (("rita", case), ("gil@globex.example", other)):
        row = post.send(sender, f"More of {sender}", Subject="Re: Printer", In_Reply_To="<same@x.example>")
        assert (row.fate, row.case_id) == ("comment", theirs.id), row.reason


def test_a_mail_under_a_message_id_of_ours_takes_no_answer_away(post, world):
    case = world.open_case(by="rita")
    reference = post.sent(case, "rita")
    stolen = post.send("gil@globex.example", "Mine now", Message_ID=reference)
    assert (stolen.fate, stolen.case_id != case.id) == ("case", True)
    row = post.send("rita", "More", Subject="Re: Printer", In_Reply_To=reference)
    assert (row.fate, row.case_id) == ("comment", case.id)


def test_a_root_of_another_providers_case_is_no_case(post, world):
    root = f"<case.{world.northwind.id.hex}@northwind.localhost>"
    assert fate(post.send("rita", In_Reply_To=root)) == ("case", "new_case")


# -- senders that are not what they seem -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ("rita@acme.example, eve@evil.example", "several_senders"),
        ("Acme: rita@acme.example, eve@evil.example;", "several_senders"),
        ("undisclosed-recipients:;", "no_sender"),
        ('"Ana Agent <ana@northwind.example>" <eve@evil.example>', "unknown_sender"),
        ("rita@acme.example <eve@evil.example>", "several_senders"),
        ("rita@\u0430cme.example", "unknown_sender"),
        ("rita@acme.example.evil.example", "unknown_sender"),
        ("rita@acme.example\x00@evil.example", "unknown_sender"),
    ],
)
def test_senders(post, world, sender, reason):
    content = post.mail("rita").replace(b"From: rita@acme.example", b"From: " + sender.encode())
    row = post.take(content)
    assert row.fate == "quarantine"
    assert row.reason == reason or row.reason in ("unauthenticated", "no_sender")
    assert not world.rows(Case)


def test_answers_go_to_the_sender_and_never_to_their_reply_to(post, world, run_outbox):
    row = post.send("rita", Reply_To=EVE, Sender=EVE)
    assert fate(row) == ("case", "new_case")
    world.answer(post.case_of(row), "Please restart it.")
    run_outbox()
    assert set(recipients(world)) == {"rita@acme.example"}
    assert not world.rows(CaseGrant)


def test_a_crowd_in_copy_is_capped(post, world):
    crowd = ", ".join([*(f"p{n}@evil.example" for n in range(500)), "mel@acme.example"])
    row = post.send("rita", Cc=crowd)
    assert fate(row) == ("case", "new_case")
    assert len(row.facts["proposed"]) <= 20
    assert len(world.rows(CaseGrant)) <= 20


@pytest.mark.parametrize("subject", ["a\u202egpj.exe", "x\x07\x1b[2Jy", "\u200b\u200b", "=?utf-8?q?a=0D=0ABcc:_eve?="])
def test_subjects_become_one_clean_line(post, subject):
    content = post.mail("rita").replace(b"Subject: Printer", b"Subject: " + subject.encode())
    case = post.case_of(post.take(content))
    assert case.subject.isprintable() and case.subject.strip()


# -- robots and other desks --------------------------------------------------------------------------------------------


def test_two_desks_that_answer_each_other_stop(post, world, run_outbox):
    """The other desk is a contact and marks nothing: it answers each of our mails under a number of its own."""
    post.send("mel", "A customer of ours writes.", Message_ID="<1@desk.example>")
    answered = set()
    for number in range(2, 12):
        run_outbox()
        for mail in world.rows(OutgoingMail, OutgoingMail.recipient == "mel@acme.example"):
            if mail.id not in answered:
                answered.add(mail.id)
                text = f"We received your ticket {number}."
                post.send("mel", text, Subject=f"[#{number}] {mail.subject}", Message_ID=f"<{number}@desk.example>")
    assert len(world.rows(Case)) == 1
    assert len(answered) <= 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        {"Subject": "Automatic reply: Printer"},
        {"List_Id": "<all.acme.example>"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_marked_robots_open_nothing_and_get_nothing(post, world, run_outbox, headers):
    row = post.send("rita", **headers)
    run_outbox()
    assert row.fate in ("auto_reply", "bounce", "quarantine")
    assert not world.rows(Case)
    assert recipients(world) == []
