"""A whole conversation by mail, over a real IMAP server and the SMTP server of the mailbox."""

import json

import pytest

from portal.channels.mail import polling
from portal.channels.mail.actions import reading
from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.mailboxes import add_mailbox, switch_mailbox
from portal.channels.mail.models import Mailbox, MailboxConnection
from portal.channels.mail.servers.address import parse_server_url
from portal.kernel import clock, mail
from portal.kernel.encryption import encrypt
from portal.notifications.models import OutgoingMail
from tests.channels.mail.whole_path import RITA, parsed, walk
from tests.support.dovecot import PASSWORD, simple_mail

SUPPORT = "helpdesk@northwind.example"


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
        return [parsed(client.fetch(number, "(RFC822)")[1][0][1]) for number in numbers]


@pytest.mark.parametrize("refused", [False, True], ids=["", "password changed"])
def test_one_case_and_one_mail_each(desk, world, dovecot, mail_server, run_outbox, as_user, travel, refused):
    """Also where the server refuses our password for a time: the administrator is told, and mails wait."""

    def store_password(password):
        [row] = world.rows(MailboxConnection)
        row.secrets = encrypt(json.dumps({"imap": password, "smtp": password}), row.secrets_purpose)
        row.next_read_at = row.next_read_at and clock.now()
        world.session.commit()

    before = []

    def interrupt():
        before.append(len(received(dovecot)))
        store_password("former")
        for _try in range(reading.PAUSE_AFTER_LASTING):
            assert [result.failure.code for result in polling.poll_all_now()] == ["password"]

    def go_on():
        for _hour in range(12):  # longer than any number of tries
            travel(hours=1)
            run_outbox()
        assert len(received(dovecot)) == before[0]
        [told] = world.rows(OutgoingMail, OutgoingMail.kind == "mailbox_paused")
        assert SUPPORT in told.subject
        [waiting] = world.rows(OutgoingMail, OutgoingMail.kind == "answered")
        assert (waiting.state, waiting.attempts) == ("queued", 0)
        store_password(PASSWORD)
        [box] = world.rows(Mailbox)
        assert as_user(world.ada).post(f"/admin/mailboxes/{box.id}/retry").status_code == 303
        travel(minutes=16)  # the longest pause of a way out that had a fault

    def deliver(raw):
        dovecot.deliver(raw, SUPPORT)

    walk(
        world,
        run_outbox,
        SUPPORT,
        deliver,
        desk,
        lambda: received(dovecot),
        **({"interrupt": interrupt, "go_on": go_on} if refused else {}),
    )
    assert all(envelope.mail_from == SUPPORT for envelope in mail_server.accepted)


def test_a_mail_that_the_server_of_the_mailbox_does_not_take_is_tried_again(
    desk, world, dovecot, mail_server, run_outbox
):
    mail_server.close()
    dovecot.deliver(simple_mail("Printer slow", to=SUPPORT), SUPPORT)
    desk()
    run_outbox()
    [row] = world.rows(OutgoingMail, OutgoingMail.recipient == RITA)
    assert (row.state, row.attempts) == ("queued", 0)
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
    assert transport.send is not None and transport.address == SUPPORT
    case.department_id = None
    assert mail.find_transport(ctx, case) == mail.MailTransport()  # the first mailbox has no server of its own
    assert other.address < SUPPORT
