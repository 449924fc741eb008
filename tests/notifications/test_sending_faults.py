"""A fault of a way out is not a fault of its mails: they wait, lose no tries, and the administrators are told."""

import datetime as dt

import pytest

from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.mailboxes import add_mailbox, switch_mailbox
from portal.channels.mail.servers.address import parse_server_url
from portal.channels.mail.servers.failures import MailServerFailure
from portal.kernel.errors import Conflict
from portal.kernel.events import Event
from portal.kernel.mail import MailInterrupted, MailNotSent, MailPostponed
from portal.notifications import actions, mail_queue, sending_faults
from portal.notifications.models import OutgoingMail, SendingFault


def refused(code="password"):
    return MailNotSent("535 5.7.8 Error: authentication failed", code=code)


def about_cases(world):
    return world.rows(OutgoingMail, OutgoingMail.case_id.is_not(None))


def wait(travel, run_outbox, *, times, minutes=16):
    for _each in range(times):
        travel(minutes=minutes)
        run_outbox()


def test_a_wrong_password_costs_no_mail_its_tries_and_all_go_out_afterwards(world, post_office, run_outbox, travel):
    post_office.answer = refused()
    for _each in range(3):
        world.open_case("rita")
    run_outbox()
    wait(travel, run_outbox, times=mail_queue.TRIES + 5)
    assert {(row.state, row.attempts) for row in about_cases(world)} == {("queued", 0)}
    [fault] = world.rows(SendingFault)
    assert fault.failure == "password" and fault.failures > mail_queue.TRIES
    post_office.answer = None
    wait(travel, run_outbox, times=1)
    assert {(row.state, row.attempts) for row in about_cases(world)} == {("sent", 1)}
    assert not world.rows(SendingFault)
    assert len(post_office.sent) == len({str(one["Message-ID"]) for one in post_office.sent})


def test_one_mail_tries_and_the_pauses_grow(world, post_office, run_outbox, travel, monkeypatch):
    tried = []

    def send(_url, message, **_rest):
        tried.append(message)
        raise refused()

    monkeypatch.setattr("portal.kernel.mail.send_mail", send)
    for _each in range(5):
        world.open_case("rita")
    run_outbox()
    assert len(tried) == 1
    pauses = []
    for _each in range(8):
        [fault] = world.rows(SendingFault)
        pauses.append(fault.next_try_at - fault.failed_at)
        travel(seconds=pauses[-1].total_seconds() + 1)
        run_outbox()
    assert pauses[:3] == [dt.timedelta(seconds=30), dt.timedelta(minutes=1), dt.timedelta(minutes=2)]
    assert pauses[-1] == sending_faults.LONGEST_PAUSE


@pytest.mark.parametrize(("code", "tries"), [("password", 2), ("unreachable", 6)])
def test_administrators_are_told_once_and_when_it_works_again(
    world, post_office, run_outbox, travel, as_user, code, tries
):
    post_office.answer = refused(code)
    world.open_case("rita")
    run_outbox()
    wait(travel, run_outbox, times=tries - 2)
    assert not world.rows(Event, Event.name == "sending.paused")
    wait(travel, run_outbox, times=4)
    [event] = world.rows(Event, Event.name == "sending.paused")
    assert event.facts["failure"] == code
    told = world.rows(OutgoingMail, OutgoingMail.kind == "sending_paused")
    assert {row.user_id for row in told} == {world.ada.id}
    ada = as_user("ada")
    assert "cannot be sent" in ada.get("/notifications").page.first("main").text
    page = ada.get("/admin/mail").page.first("main").text
    assert "Emails cannot be sent" in page and "535 5.7.8" in page and "Next attempt" in page
    post_office.answer = None
    wait(travel, run_outbox, times=1)
    assert len(world.rows(Event, Event.name == "sending.resumed")) == 1
    assert "535 5.7.8" not in ada.get("/admin/mail").page.first("main").text


def test_a_mail_that_the_server_always_drops_stops_no_other(world, post_office, run_outbox, travel, monkeypatch):
    poison = world.open_case("rita", subject="Poison").key

    def send(_url, message, **_rest):
        if "Poison" in str(message["Subject"]):
            raise MailInterrupted("connection lost", code="dropped")
        post_office.sent.append(message)

    monkeypatch.setattr("portal.kernel.mail.send_mail", send)
    for _each in range(3):
        world.open_case("rita")
    run_outbox()
    wait(travel, run_outbox, times=mail_queue.TRIES + 3)
    states = {poison in row.subject: row.state for row in about_cases(world)}
    assert states == {True: "dead", False: "sent"}


def test_a_mail_that_is_only_postponed_makes_no_fault(world, post_office, run_outbox):
    post_office.answer = MailPostponed("450 greylisted", code="postponed")
    world.open_case("rita")
    run_outbox()
    assert [row.attempts for row in about_cases(world)] == [1] and not world.rows(SendingFault)


def test_the_fault_of_one_mailbox_stops_no_other(world, post_office, run_outbox, monkeypatch):
    ctx = world.system()
    box = add_mailbox(ctx, "business@northwind.example", department_id=world.departments["business"].id)
    server = Server(*parse_server_url("imaps://u:p@imap.example.com", "imap"))
    connect_mailbox(ctx, box, imap=server, smtp=Server(*parse_server_url("smtps://u:p@smtp.example.com", "smtp")))
    box.proven_at = ctx.now
    switch_mailbox(ctx, box, on=True)
    add_mailbox(ctx, "a@northwind.example")

    def send(_account, _message):
        raise MailServerFailure("busy", "HTTP 429", retry_after=dt.timedelta(hours=2))

    monkeypatch.setattr("portal.channels.mail.actions.sending.send_message", send)
    own = world.open_case("rita")
    own.department_id = world.departments["business"].id
    other = world.open_case("mel")
    world.session.commit()
    run_outbox()
    states = {row.case_id: (row.state, row.attempts) for row in about_cases(world)}
    assert states == {own.id: ("queued", 0), other.id: ("sent", 1)}
    [fault] = world.rows(SendingFault)
    assert (fault.mailbox_id, fault.address) == (box.id, "business@northwind.example")
    assert fault.next_try_at - fault.failed_at == dt.timedelta(hours=2)  # as long as Graph wants to be left alone


def test_trying_now_waits_for_no_pause(world, post_office, run_outbox, travel, as_user):
    post_office.answer = refused()
    world.open_case("rita")
    run_outbox()
    wait(travel, run_outbox, times=6)
    post_office.answer = None
    ada = as_user("ada")
    assert "/admin/mail/try-again" in ada.get("/admin/mail").text
    page = ada.get("/admin/mail/try-again").page
    assert ada.submit(page.form("/admin/mail/try-again")).status_code == 303
    run_outbox()
    assert {row.state for row in about_cases(world)} == {"sent"}
    assert ada.submit(page.form("/admin/mail/try-again")).status_code == 409
    with pytest.raises(Conflict):
        actions.try_sending_again(world.ctx("ada"))


def test_what_waited_for_days_asks_before_it_goes_out(world, post_office, run_outbox, travel, as_user):
    post_office.answer = refused()
    world.open_case("rita", subject="Sent after all")
    world.open_case("rita", subject="Out of date")
    run_outbox()
    travel(days=3, minutes=1)
    post_office.answer = None
    run_outbox()
    assert {row.state for row in about_cases(world)} == {"held"}
    assert not [one for one in post_office.sent if "rita@" in str(one["To"])]
    ada = as_user("ada")
    assert "/admin/mail/held" in ada.get("/admin/mail").text
    [first] = [row for row in about_cases(world) if "Sent after all" in row.subject]
    one = ada.get(f"/admin/mail/{first.id}/send-again").page
    assert ada.submit(one.form(f"/admin/mail/{first.id}/send-again")).status_code == 303
    run_outbox()
    page = ada.get("/admin/mail/held")
    assert "Out of date" in page.text and "Sent after all" not in page.text
    form = page.page.form("/admin/mail/held")
    assert ada.submit(form).status_code == 422 and ada.submit(form, what="burn").status_code == 422
    assert ada.submit(form, what="withdraw").status_code == 303
    states = {row.subject.partition(": ")[2].partition(" [")[0]: row.state for row in about_cases(world)}
    assert states == {"Sent after all": "sent", "Out of date": "withdrawn"}
    assert ada.submit(form, what="send").status_code == 409


def test_all_that_is_held_is_sent_with_one_press(world, post_office, run_outbox, travel):
    post_office.answer = refused()
    for _each in range(3):
        world.open_case("rita")
    run_outbox()
    travel(days=4)
    post_office.answer = None
    run_outbox()
    assert actions.decide_about_held(world.ctx("ada"), send=True) == 3
    run_outbox()
    assert {row.state for row in about_cases(world)} == {"sent"}
    assert world.rows(Event, Event.name == "mail.held_sent")[0].facts == {"count": 3}


@pytest.mark.parametrize("who", ["ana", "aud", "rita"])
def test_only_who_may_see_mails_decides(as_user, who):
    for path in ("/admin/mail/held", "/admin/mail/try-again"):
        assert as_user(who).post(path, data={"what": "send"}).status_code in (403, 404)
