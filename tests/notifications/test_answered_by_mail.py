"""Answering our mails by mail: what they say about it, and what becomes of an answer that quotes them."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.cases.actions import resolution
from portal.cases.models import Message
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.engine.intro_lines import MARKER
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.kernel import clock
from portal.web import language

SUPPORT = "support@northwind.example"
ANSWER = "Reply to this email to answer."


@pytest.fixture
def mailbox(world):
    return add_mailbox(world.system(), SUPPORT)


@pytest.fixture
def sent_to_rita(world, mailbox, post_office, run_outbox):
    """The mail with which support answered Rita's case, as it left."""
    case = world.open_case("rita", subject="Scanner offline")
    world.answer(case, "Please restart it.\n\nDoes the lamp blink?", by="ana")
    run_outbox()
    return next(
        mail
        for mail in (message_from_bytes(one.as_bytes(), policy=default) for one in post_office.sent)
        if "replied" in mail["Subject"] and "rita@" in mail["To"]
    )


def plain(mail):
    return mail.get_body(("plain",)).get_content()


def answer_to(mail, text):
    """Rita's answer as her mail program writes it: to the Reply-To, with the usual headers."""
    answer = EmailMessage()
    answer["From"], answer["To"] = "rita@acme.example", str(mail["Reply-To"])
    answer["Subject"], answer["Message-ID"] = f"Re: {mail['Subject']}", "<answer@acme.example>"
    answer["In-Reply-To"] = str(mail["Message-ID"])
    answer["References"] = f"{mail['References']} {mail['Message-ID']}"
    answer["Authentication-Results"] = "mx.northwind.example; dmarc=pass header.from=acme.example"
    answer.set_content(text)
    return answer.as_bytes()


def receive(world, content):
    row = take_in(world.system(), content, MailDelivery("lmtp", clock.now()), IntakeRules())
    assert row.fate == "comment", (row.fate, row.reason)
    [said] = world.rows(Message, Message.case_id == row.case_id, Message.position == row.facts["message"])
    return said.body


def test_where_a_mailbox_is_read_a_mail_says_that_it_can_be_answered(sent_to_rita):
    lines = plain(sent_to_rita).splitlines()
    assert MARKER.search(lines[0]) and ANSWER in lines
    assert "You cannot sign in yet" not in plain(sent_to_rita)
    html = sent_to_rita.get_body(("html",)).get_content()
    assert lines[0] in html and ANSWER in html


def test_without_a_mailbox_no_mail_says_so(world, post_office, run_outbox):
    case = world.open_case("cora", contact="jan")
    world.answer(case)
    run_outbox()
    assert len(post_office.sent) > 1
    for mail in post_office.sent:
        assert ANSWER not in mail.as_string() and not MARKER.search(plain(mail))
        assert "reply to this email" not in plain(mail)


def test_whoever_may_not_write_is_not_asked_to_answer(world, mailbox, mailed):
    """A case that is closed for good takes no answer."""
    world.system().provider.after_close = "refuse"
    case = world.open_case("rita")
    world.answer(case)
    assert ANSWER in mailed(case)["answered", "rita"].text
    resolution.close(world.ctx("ana"), case)
    assert ANSWER not in mailed(case)["closed", "rita"].text


def test_an_answer_under_our_marker_is_the_persons_words_alone(world, sent_to_rita):
    """A program that puts no introduction above what it quotes, and no mark before it."""
    assert receive(world, answer_to(sent_to_rita, f"No, it does not.\n\n{plain(sent_to_rita)}")) == "No, it does not."


def test_an_answer_between_our_lines_loses_no_word(world, sent_to_rita):
    """Outlook quotes without marks; whoever answers between the lines is told apart by what we sent."""
    quoted = plain(sent_to_rita).replace("Does the lamp blink?", "Does the lamp blink?\nNo, never.")
    head = f"From: Northwind <{SUPPORT}>\nSent: Tuesday, 3 November 2026 14:05\nTo: Rita\nSubject: Scanner offline\n"
    assert receive(world, answer_to(sent_to_rita, f"See below.\n\n{head}\n{quoted}")) == "See below.\n\nNo, never."


@pytest.mark.parametrize("locale", language.LANGUAGES)
def test_intake_knows_the_marker_of_every_language(world, locale):
    with force_locale(locale):
        assert MARKER.search(_("--- write above this line ---").lower())
