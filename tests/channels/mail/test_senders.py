"""Mails about the cases of an account come from the name and the mailbox that were chosen for it."""

from email import message_from_bytes
from email.policy import default

import pytest

from portal.cases.actions.conversation import answer
from portal.cases.models import Case, Message
from portal.channels.mail import polling
from portal.channels.mail.actions import mailbox_tests
from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.mailboxes import add_mailbox, switch_mailbox
from portal.channels.mail.actions.senders import choose_account_sender
from portal.channels.mail.mailbox_tests import continue_test
from portal.channels.mail.models import AccountSender, InboundMail, Mailbox, MailboxConnection
from portal.channels.mail.servers.address import parse_server_url
from portal.kernel.errors import Refused
from portal.kernel.events import Event
from portal.notifications.models import OutgoingMail
from portal.tenants.models import Account
from tests.channels.mail.whole_path import reply_to
from tests.support.dovecot import simple_mail
from tests.support.received_mails import join_organization

USUAL, OWN = "helpdesk@northwind.example", "acme-care@premium.example"
NAME = "Acme Care, by Northwind"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """The SMTP server of these tests delivers before it answers."""
    monkeypatch.setattr("portal.channels.mail.mailbox_tests._PAUSES", (0,))


@pytest.fixture
def boxes(world, dovecot, mail_server, monkeypatch):
    """The usual mailbox, and one of a domain of its own; both passed their test over real servers."""
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_accept_unchecked", True)
    made = {}
    for address in (USUAL, OWN):
        ctx = world.system()
        row = add_mailbox(ctx, address, is_proven=False)
        connect_mailbox(
            ctx,
            row,
            imap=Server(*parse_server_url(dovecot.imap_url(address), "imap")),
            smtp=Server(*parse_server_url(mail_server.url(address), "smtp")),
        )
        test_id, made[address] = mailbox_tests.start_test(ctx, row).id, row.id
        world.session.commit()
        continue_test(world.northwind.id, test_id)
        assert world.row(Mailbox, made[address]).state == "on"
    mail_server.accepted.clear()
    return made


def choose(world, box_id, name=NAME):
    """What the administrator saves on the page of ACME."""
    ctx = world.ctx("ada")
    choose_account_sender(ctx, ctx.session.get(Account, world.acme.id), name=name, mailbox_id=box_id)
    world.session.commit()


def outgoing(mail_server):
    """(envelope, message) of each mail that went out."""
    return [(one, message_from_bytes(one.original_content, policy=default)) for one in mail_server.accepted]


def test_sender_reply_and_envelope_are_those_of_the_mailbox(boxes, world, mail_server, dovecot, run_outbox):
    choose(world, boxes[OWN])
    case = world.open_case(by="rita", subject="Lift stuck")
    answer(world.ctx("ana"), world.reload(case), body="We are on the way.")
    world.session.commit()
    run_outbox()
    to_rita = [(one, message) for one, message in outgoing(mail_server) if one.rcpt_tos == ["rita@acme.example"]]
    assert len(to_rita) == 2
    for envelope, message in to_rita:
        [sender], [answers_to] = message["From"].addresses, message["Reply-To"].addresses
        assert (sender.display_name, sender.addr_spec) == (NAME, OWN)
        assert answers_to.display_name == NAME
        assert answers_to.addr_spec.startswith("acme-care+acme-") and answers_to.domain == "premium.example"
        # The Return-Path: the server that signs (DKIM) and may send (SPF) for the domain is that of the mailbox.
        assert envelope.mail_from == OWN and "Sender" not in message and "DKIM-Signature" not in message
        # The name of a mail stays that of the installation: it does not change when the sender does.
        assert message["Message-ID"].strip("<>").rpartition("@")[2] == "northwind.localhost"
    assert {row.sender for row in world.rows(OutgoingMail, OutgoingMail.recipient == "rita@acme.example")} == {OWN}

    dovecot.deliver(reply_to(to_rita[1][1], "The lift works."), OWN)
    assert sum(result.taken for result in polling.poll_all_now()) >= 1
    assert [row.body for row in world.rows(Message) if row.author_id == world.rita.id] == ["The lift works."]
    assert len(world.rows(Case)) == 1


def test_other_accounts_and_support_read_the_usual_sender(boxes, world, mail_server, run_outbox):
    choose(world, boxes[OWN])
    world.open_case(by="gil", account="GLOBEX")
    case = world.open_case(by="rita", severity=1)
    world.reply(case, "Any news?")
    run_outbox()
    by_reader = {
        (one.rcpt_tos[0].rpartition("@")[2], message["From"].addresses[0].addr_spec)
        for one, message in outgoing(mail_server)
    }
    assert ("acme.example", OWN) in by_reader and ("globex.example", USUAL) in by_reader
    assert ("acme.example", USUAL) not in by_reader and ("globex.example", OWN) not in by_reader
    staff = {sender for domain, sender in by_reader if domain not in ("acme.example", "globex.example")}
    assert staff == {USUAL}


def test_a_mailbox_that_is_off_or_paused_is_left_out_and_the_page_says_so(
    boxes, world, as_user, mail_server, run_outbox
):
    choose(world, boxes[OWN])
    ada = as_user("ada")

    def sent_from():
        mail_server.accepted.clear()
        world.open_case(by="rita")
        run_outbox()
        [sender] = {message["From"].addresses[0].addr_spec for _one, message in outgoing(mail_server)}
        return sender

    def said():
        return ada.get("/admin/accounts/ACME").page.first("main").text

    assert sent_from() == OWN and OWN in said()
    switch_mailbox(world.ctx("ada"), world.row(Mailbox, boxes[OWN]), on=False)
    world.session.commit()
    assert sent_from() == USUAL
    assert f"{OWN} is off." in said() and USUAL in said()
    switch_mailbox(world.ctx("ada"), world.row(Mailbox, boxes[OWN]), on=True)
    [connection] = world.rows(MailboxConnection, MailboxConnection.mailbox_id == boxes[OWN])
    connection.paused_at = world.system().now
    world.session.commit()
    assert sent_from() == USUAL
    assert f"{OWN} is paused" in said()
    question = ada.get(f"/admin/mailboxes/{boxes[OWN]}/delete").page.first("main").text
    assert "Acme" in question and "usual mailbox" in question
    assert "Acme" in ada.get(f"/admin/mailboxes/{boxes[OWN]}/switch").page.first("main").text


def test_a_deleted_mailbox_is_nobodys_sender_any_more(boxes, world, as_user):
    choose(world, boxes[OWN])
    world.session.query(InboundMail).delete()
    world.session.commit()
    ada, path = as_user("ada"), f"/admin/mailboxes/{boxes[OWN]}/delete"
    [form] = [one for one in ada.get(path).page.forms if one.action == path]
    assert ada.submit(form).status_code == 303
    assert not world.rows(AccountSender)
    ada.get("/admin/accounts")  # shows that it was deleted
    assert OWN not in ada.get("/admin/accounts/ACME").text


def test_a_new_mail_to_the_mailbox_opens_its_case_in_the_account(boxes, world, dovecot):
    """Rita belongs to several organizations: the address that she writes to says which."""
    join_organization(world, "rita")
    ctx = world.ctx("ada")
    globex = world.globex.id
    choose_account_sender(ctx, ctx.session.get(Account, globex), name="", mailbox_id=boxes[OWN])
    world.session.commit()
    dovecot.deliver(simple_mail("Printer", to=OWN), OWN)
    for _result in polling.poll_all_now():
        pass
    [case] = world.rows(Case)
    assert case.account_id == globex


def test_only_a_mailbox_that_passed_its_test_can_be_chosen(boxes, world, as_user):
    vouched = add_mailbox(world.system(), "vouched@northwind.example").id
    untested = add_mailbox(world.system(), "untested@northwind.example", is_proven=False).id
    world.session.commit()
    for box_id in (vouched, untested):
        with pytest.raises(Refused) as refused:
            choose(world, box_id)
        assert refused.value.field == "mailbox"
        world.session.rollback()
    page = as_user("ada").get("/admin/accounts/ACME/sender").text
    assert OWN in page and "vouched@" not in page and "untested@" not in page


def test_the_page_saves_keeps_what_was_typed_and_forgets(boxes, world, as_user):
    ada, path = as_user("ada"), "/admin/accounts/ACME/sender"
    token = {"name": NAME, "mailbox": str(boxes[OWN])}
    [form] = [one for one in ada.get(path).page.forms if one.action == path]
    assert ada.submit(form, **token).status_code == 303
    assert [(row.name, row.mailbox_id) for row in world.rows(AccountSender)] == [(NAME, boxes[OWN])]
    assert world.rows(Event, Event.name == "account.sender_changed")[-1].actor_user_id == world.ada.id
    assert NAME in ada.get("/admin/accounts/ACME").page.first("main").text

    refused = ada.submit(form, name="ceo@acme.example", mailbox=str(boxes[OWN]))
    assert refused.status_code == 422 and "ceo@acme.example" in refused.text
    assert ada.submit(form, name="X" * 101, mailbox="").status_code == 422
    assert ada.submit(form, name="", mailbox="0000").status_code == 422
    assert ada.submit(form, name="", mailbox="").status_code == 303
    assert not world.rows(AccountSender)


def test_a_name_cannot_write_another_header(boxes, world, mail_server, run_outbox):
    choose(world, boxes[OWN], name='Acme"\r\nBcc: eve\u202e <x>, y')
    world.open_case(by="rita")
    run_outbox()
    [(envelope, message)] = outgoing(mail_server)
    assert message["Bcc"] is None and envelope.rcpt_tos == ["rita@acme.example"]
    assert [one.addr_spec for one in message["From"].addresses] == [OWN]


@pytest.mark.parametrize("who", ["ana", "lee", "aud", "rita"])
def test_only_who_configures_chooses(world, as_user, who):
    assert as_user(who).get("/admin/accounts/ACME/sender").status_code in (403, 404)
