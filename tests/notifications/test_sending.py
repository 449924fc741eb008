"""Handing mails to the SMTP server: headers, at least once under one Message-ID, given up, withdrawn."""

from email import message_from_bytes
from email.policy import default

import pytest

from portal.kernel.mail import MailNotSent, MailPostponed, MailRefused
from portal.notifications import actions, mail_queue, mime
from portal.notifications.models import OutgoingMail, SendingFault


@pytest.fixture
def one_mail(world, run_outbox):
    """A mail that waits."""

    def made(**case):
        opened = world.open_case("rita", **case)
        run_outbox()
        [mail] = world.rows(OutgoingMail, OutgoingMail.case_id == opened.id)
        return mail

    return made


def received(message):
    return message_from_bytes(message.as_bytes(), policy=default)


def test_a_mail_says_who_sends_it_about_what_and_that_a_machine_wrote_it(world, post_office, one_mail):
    mail = one_mail(subject="Zażółć gęślą jaźń")
    [sent] = [received(m) for m in post_office.sent]
    assert str(sent["From"]) == "Northwind MSP <support@northwind.localhost>"
    assert str(sent["To"]) == f"{world.rita.name} <rita@acme.example>"
    assert str(sent["Subject"]).startswith("We have your case: Zażółć gęślą jaźń [ACME-")
    assert str(sent["Message-ID"]) == mail.message_id
    assert sent["Auto-Submitted"] == "auto-generated" and sent["X-Parley-Provider"] == "northwind"
    assert sent["List-Id"] == "<cases.northwind.localhost>"
    assert {part.get_content_type() for part in sent.iter_parts()} == {"text/plain", "text/html"}
    assert (mail.state, mail.attempts) == ("sent", 1) and mail.sent_at is not None


def test_mails_of_one_case_hang_together(world, post_office, run_outbox, one_mail):
    case = world.row(type(world.open_case()), one_mail().case_id)
    world.answer(world.reload(case))
    run_outbox()
    roots = {str(m["References"]) for m in post_office.sent if case.id.hex in str(m["References"])}
    assert roots == {mime.thread_root(world.system(), case.id)}
    assert len({str(m["Message-ID"]) for m in post_office.sent}) == len(post_office.sent)


@pytest.mark.parametrize("evil", ["a\r\nBcc: thief@evil.example", "a\nX-Evil: 1", "a\u2028Bcc: b@c.example", "\x1b[2J"])
def test_no_subject_and_no_name_can_add_a_header(world, post_office, one_mail, evil):
    mail = one_mail()
    mail.subject = evil
    message = mime.build_message(world.system(), mail, evil)
    raw = message.as_bytes().partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
    assert [line for line in raw.split(b"\r\n") if line.lower().startswith((b"bcc:", b"x-evil"))] == []
    assert (
        received(message)["To"].addresses[0].addr_spec == "rita@acme.example"
        and len(received(message)["To"].addresses) == 1
    )


def test_a_server_that_is_away_is_tried_again_under_the_same_message_id(
    world, post_office, one_mail, run_outbox, travel
):
    post_office.answer = MailNotSent("ConnectionRefusedError: nobody listens", code="unreachable")
    mail = one_mail()
    assert (mail.state, mail.attempts, mail.last_error) == ("queued", 0, "ConnectionRefusedError: nobody listens")
    post_office.answer = None
    run_outbox()
    assert post_office.sent == [] and mail.state == "queued"
    travel(seconds=31)
    run_outbox()
    assert mail.state == "sent" and [str(m["Message-ID"]) for m in post_office.sent] == [mail.message_id]


def test_while_the_server_is_away_other_mails_wait_without_trying(world, post_office, run_outbox, travel):
    post_office.answer = MailNotSent("TimeoutError: timed out", code="timeout")
    for _ in range(3):
        world.open_case("rita")
    run_outbox()
    assert [m.attempts for m in world.rows(OutgoingMail)] == [0, 0, 0]
    [fault] = world.rows(SendingFault)
    assert (fault.failures, fault.failure, fault.mailbox_id) == (1, "timeout", None)
    post_office.answer = None
    travel(seconds=31)
    run_outbox()
    assert {m.state for m in world.rows(OutgoingMail)} == {"sent"} and not world.rows(SendingFault)


def test_an_address_gets_so_many_mails_in_an_hour_and_the_rest_later(
    world, client, post_office, run_outbox, travel, monkeypatch
):
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_to_address_per_hour", 2)
    for _number in range(3):
        world.open_case("rita")
    world.open_case("mel")
    run_outbox()

    def to(who):
        return [m for m in post_office.sent if who in str(m["To"])]

    assert (len(to("rita@")), len(to("mel@"))) == (2, 1)
    client().post("/password", data={"email": "rita@acme.example"})
    run_outbox()
    assert len(to("rita@")) == 3, "a link to a new password waits for nothing"
    travel(minutes=30)
    run_outbox()
    assert len(to("rita@")) == 3
    travel(minutes=75)
    run_outbox()
    assert len(to("rita@")) == 4


def test_after_many_tries_a_mail_is_given_up_until_an_administrator_sends_it_again(
    world, post_office, one_mail, run_outbox, travel
):
    post_office.answer = MailPostponed("452 mailbox full")
    mail = one_mail()
    for _ in range(mail_queue.TRIES):
        travel(seconds=601)
        run_outbox()
    assert (mail.state, mail.attempts) == ("dead", mail_queue.TRIES)
    post_office.answer = None
    actions.resend(world.ctx("ada"), mail)
    run_outbox()
    assert mail.state == "sent" and len(post_office.sent) == 1


def test_a_refusal_for_good_is_given_up_at_once(world, post_office, one_mail):
    post_office.answer = MailRefused("550 no such user")
    mail = one_mail()
    assert (mail.state, mail.attempts, mail.last_error) == ("dead", 1, "550 no such user")


def test_an_address_that_is_none_is_given_up_at_once(world, post_office, one_mail, run_outbox):
    from portal.identity.models import Address

    world.rows(Address, Address.user_id == world.rita.id)[0].email = "nobody at all"
    assert one_mail().state == "dead" and post_office.sent == []


def test_a_mail_is_withdrawn_when_its_reader_may_not_know_any_more(world, post_office, one_mail, run_outbox, travel):
    post_office.answer = MailNotSent("421 try later", code="busy")
    case = world.open_case("cora", contact="jan")
    run_outbox()
    world.exclude(case, "cora")
    post_office.answer = None
    travel(seconds=601)
    run_outbox()
    states = {m.recipient.partition("@")[0]: m.state for m in world.rows(OutgoingMail, OutgoingMail.case_id == case.id)}
    assert states == {"cora": "withdrawn", "jan": "sent"}


def test_without_a_server_mails_wait(world, one_mail, run_outbox, travel):
    mail = one_mail()
    travel(hours=1)
    run_outbox()
    assert (mail.state, mail.attempts) == ("queued", 0)


def test_the_link_of_a_mail_is_spelled_only_when_it_is_sent(world, post_office, run_outbox):
    from portal.identity import actions as identity
    from portal.identity.models import User

    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    run_outbox()
    [sent] = post_office.sent
    text = received(sent).get_body(("plain",)).get_content()
    token = text.partition("/invite/")[2].split()[0]
    assert len(token) == 43 and identity.find_link_owner(world.system(), identity.INVITATION, token).id == world.jan.id
    assert not world.rows(OutgoingMail, OutgoingMail.text.contains(token))
