"""A whole conversation by mail, over a real IMAP server and the SMTP server of the mailbox."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from portal.attachments.models import Attachment
from portal.cases.actions.conversation import answer
from portal.cases.models import Case, Message
from portal.channels.mail import polling
from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.mailboxes import add_mailbox, switch_mailbox
from portal.channels.mail.models import InboundMail, Mailbox
from portal.channels.mail.servers.address import parse_server_url
from portal.kernel import mail
from portal.notifications.models import OutgoingMail
from tests.support.dovecot import simple_mail

SUPPORT, RITA = "helpdesk@northwind.example", "rita@acme.example"


@pytest.fixture
def desk(world, dovecot, mail_server, monkeypatch):
    """A mailbox that reads and sends; returns what reads it and sends what is due."""
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_accept_unchecked", True)
    ctx = world.system()
    box = add_mailbox(ctx, SUPPORT)
    connect_mailbox(
        ctx,
        box,
        imap=Server(*parse_server_url(dovecot.imap_url(SUPPORT), "imap")),
        smtp=Server(*parse_server_url(mail_server.url(SUPPORT), "smtp")),
    )
    box.proven_at = ctx.now
    switch_mailbox(ctx, box, on=True)
    world.session.commit()

    def work():
        [result] = polling.poll_all_now()
        assert result.failure is None
        return result.taken

    return work


def received(dovecot, who=RITA):
    """The mails in the mailbox of *who*, in order."""
    with dovecot.client(who) as client:
        numbers = client.search(None, "ALL")[1][0].split()
        return [message_from_bytes(client.fetch(n, "(RFC822)")[1][0][1], policy=default) for n in numbers]


def reply_to(mail_message, text):
    """What a mail program sends when one answers."""
    reply = EmailMessage()
    reply["From"], reply["To"] = RITA, mail_message["Reply-To"]
    reply["Subject"] = f"Re: {mail_message['Subject']}"
    reply["Message-ID"] = "<answer@acme.example>"
    reply["In-Reply-To"] = mail_message["Message-ID"]
    reply["References"] = f"{mail_message['References']} {mail_message['Message-ID']}"
    said = mail_message.get_body(("plain",)).get_content()
    quoted = "\n".join(f"> {line}" for line in said.splitlines())
    reply.set_content(f"{text}\n\nOn Sun, 29 Nov 2026 at 10:00, Northwind <{SUPPORT}> wrote:\n{quoted}\n")
    reply.add_attachment(b"%PDF-1.4 content", maintype="application", subtype="pdf", filename="proof.pdf")
    return reply.as_bytes()


def test_one_case_and_one_mail_each(desk, world, dovecot, mail_server, run_outbox):
    dovecot.deliver(simple_mail("Printer broken", to=SUPPORT), SUPPORT)
    assert desk() == 1
    run_outbox()
    [receipt] = received(dovecot)
    assert receipt["From"].addresses[0].addr_spec == SUPPORT
    assert receipt["Reply-To"].addresses[0].addr_spec.startswith("helpdesk+acme-")
    assert "@acme.example>" in receipt["References"]

    [case] = world.rows(Case)
    answer(world.ctx("ana"), world.reload(case), body="Is it switched on?")
    world.session.commit()
    run_outbox()
    [_receipt, answered] = received(dovecot)
    assert "Is it switched on?" in answered.get_body(("plain",)).get_content()

    dovecot.deliver(reply_to(answered, "Yes, it is."), SUPPORT)
    assert desk() == 1
    [case] = world.rows(Case)
    replies = [row for row in world.rows(Message) if row.author_id == world.rita.id]
    assert [row.body for row in replies] == ["Yes, it is."]
    assert [file.filename for file in world.rows(Attachment)] == ["proof.pdf"]
    run_outbox()
    assert len(received(dovecot)) == 2
    assert all(envelope.mail_from == SUPPORT for envelope in mail_server.accepted)
    assert {row.state for row in world.rows(OutgoingMail, OutgoingMail.recipient == RITA)} == {"sent"}
    assert [row.fate for row in world.rows(InboundMail)] == ["case", "comment"]


def test_a_mail_that_the_server_of_the_mailbox_does_not_take_is_tried_again(
    desk, world, dovecot, mail_server, run_outbox
):
    mail_server.close()
    dovecot.deliver(simple_mail("Printer slow", to=SUPPORT), SUPPORT)
    desk()
    run_outbox()
    [row] = world.rows(OutgoingMail, OutgoingMail.recipient == RITA)
    assert (row.state, row.attempts) == ("queued", 1)
    assert "unreachable" in row.last_error


def test_mails_of_a_department_go_through_its_mailbox(desk, world):
    [box] = world.rows(Mailbox)
    box.department_id = world.departments["business"].id
    other = add_mailbox(world.system(), "another@northwind.example")
    world.session.commit()
    case = world.open_case(by="rita")
    ctx = world.system()
    case.department_id = world.departments["business"].id
    transport = mail.find_transport(ctx, case)
    assert transport is not None and transport.address == SUPPORT
    case.department_id = None
    assert mail.find_transport(ctx, case) is None  # the first mailbox has no server of its own
    assert other.address < SUPPORT
