"""A mailbox is on only after a mail has gone out through it and come back; each failure has a name."""

import itertools

import pytest
from sqlalchemy import inspect

from portal.channels.mail import polling
from portal.channels.mail.actions import mailbox_tests
from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.mailbox_tests import continue_test
from portal.channels.mail.models import InboundMail, Mailbox, MailboxConnection, MailboxTest
from portal.channels.mail.queries.test_mails import derive_test_token
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.channels.mail.servers.address import parse_server_url
from portal.kernel import clock, outward
from tests.channels.mail.messages import raw
from tests.fuzz.hostile import VALUES
from tests.support.dovecot import PASSWORD, simple_mail

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """The SMTP server of these tests delivers before it answers."""
    monkeypatch.setattr("portal.channels.mail.mailbox_tests._PAUSES", (0,))


def again(world, row):
    """*row* as it is now."""
    world.session.expire_all()
    return world.row(type(row), inspect(row).identity[0])


@pytest.fixture
def tested(world, dovecot, mail_server, monkeypatch):
    """Add a mailbox with these servers and test it; returns (mailbox, newest test)."""
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_accept_unchecked", True)

    def test(imap: str = "", smtp: str = "", address: str = ""):
        address = address or f"tested{next(_numbers)}@northwind.example"
        ctx = world.system()
        row = add_mailbox(ctx, address, is_proven=False)
        connect_mailbox(
            ctx,
            row,
            imap=Server(*parse_server_url(imap or dovecot.imap_url(address), "imap")),
            smtp=Server(*parse_server_url(smtp or mail_server.url(address), "smtp")),
        )
        test_id = mailbox_tests.start_test(ctx, row).id
        box_id = row.id
        world.session.commit()
        continue_test(world.northwind.id, test_id)
        return world.row(Mailbox, box_id), world.row(MailboxTest, test_id)

    return test


def test_a_mailbox_is_on_once_its_mail_has_come_back(tested, world):
    box, test = tested()
    assert (test.state, test.failure, test.failure_words) == ("returned", "", "")
    assert (box.state, box.proven_at) == ("on", test.ended_at)
    [connection] = world.rows(MailboxConnection, MailboxConnection.mailbox_id == box.id)
    result = polling.read_mailbox(world.northwind.id, connection.id, now_wanted=True)
    assert result is not None and result.failure is None
    [row] = world.rows(InboundMail)
    assert (row.fate, row.reason) == ("own", "self_test")


def test_what_comes_before_the_test_ends_stays_where_it_is(tested, dovecot, world):
    address = "waits@northwind.example"
    dovecot.deliver(simple_mail("Waits", to=address), address)
    _box, test = tested(address=address)
    assert test.state == "returned"
    assert not world.rows(InboundMail, InboundMail.recipient == address)
    assert dovecot.count(address, "UNSEEN") == 2


CLOSED, UNKNOWN = "127.0.0.1:1", "nowhere.invalid"


@pytest.mark.parametrize(
    ("servers", "step", "code"),
    [
        ({"imap": f"imap://u:p@{CLOSED}"}, "read", "unreachable"),
        ({"imap": f"imaps://u:p@{UNKNOWN}"}, "read", "unknown_host"),
        ({"imap": "imap://u:p@10.11.12.13"}, "read", "internal_host"),
        ({"imap": "imaps://u:p@169.254.169.254"}, "read", "internal_host"),
        ({"imap": "imaps://u:p@127.0.0.1:{imap_port}"}, "read", "tls"),
        ({"imap": "imap://wrong:wrong@127.0.0.1:{imap_port}"}, "read", "password"),
        ({"imap": "imap://a%40x.example:{password}@127.0.0.1:{imap_port}/Missing"}, "read", "folder"),
        ({"smtp": f"smtp://u:p@{CLOSED}"}, "send", "unreachable"),
        ({"smtp": "smtps://u:p@127.0.0.1:{smtp_port}"}, "send", "tls"),
        ({"smtp": "smtp://wrong:wrong@127.0.0.1:{smtp_port}"}, "send", "password"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_failure_has_a_name(tested, dovecot, mail_server, servers, step, code):
    fill = {"imap_port": dovecot.imap_port, "smtp_port": mail_server.port, "password": "g%C4%99%C5%9B%2242"}
    box, test = tested(**{kind: url.format(**fill) for kind, url in servers.items()})
    assert (test.state, test.failed_step, test.failure) == ("failed", step, code)
    assert (box.state, box.proven_at) == ("off", None)


def test_a_mail_that_its_server_refuses_is_said(tested, mail_server):
    mail_server.mode = "refuse"
    _box, test = tested()
    assert (test.failed_step, test.failure) == ("send", "refused")
    assert "Not from you" in test.failure_words


def test_a_mail_that_never_comes_back_is_said_in_the_end(tested, mail_server, travel, world):
    mail_server.mode = "lose"
    box, test = tested()
    assert test.state == "sent"
    travel(minutes=mailbox_tests.TEST_MINUTES + 1)
    polling.poll_mailboxes()
    test = again(world, test)
    assert (test.state, test.failed_step, test.failure) == ("failed", "return", "not_returned")
    assert again(world, box).state == "off"


def test_a_mail_that_comes_back_late_counts(tested, mail_server, dovecot, world):
    mail_server.mode = "lose"
    box, test = tested()
    [envelope] = mail_server.accepted
    dovecot.deliver(envelope.original_content, box.address)
    polling.poll_mailboxes()
    assert (again(world, test).state, again(world, box).state) == ("returned", "on")


def test_a_mail_that_arrives_in_another_mailbox_is_said(tested, mail_server, world):
    other, _test = tested()
    other_id, elsewhere = other.id, other.address
    mail_server.mode, mail_server.elsewhere = "elsewhere", elsewhere
    box, test = tested()
    [connection] = world.rows(MailboxConnection, MailboxConnection.mailbox_id == other_id)
    polling.read_mailbox(world.northwind.id, connection.id, now_wanted=True)
    test = again(world, test)
    assert (test.failed_step, test.failure, test.failure_words) == ("return", "other_mailbox", elsewhere)
    assert again(world, box).state == "off"


def test_a_test_of_a_mailbox_whose_mail_is_passed_on(world):
    ctx = world.system()
    box = add_mailbox(ctx, "passed@northwind.example", is_proven=False)
    test = mailbox_tests.start_test(ctx, box)
    mailbox_tests.note_sent(ctx, test.id)
    content = mailbox_tests.build_test_message(test, box, "Northwind", clock.now()).as_bytes()
    row = take_in(ctx, content, MailDelivery("lmtp", clock.now(), [box.address]), IntakeRules())
    assert (row.fate, row.reason) == ("own", "self_test")
    assert (test.state, box.state) == ("returned", "on")


def test_a_returned_test_mail_is_a_failure(world):
    ctx = world.system()
    box = add_mailbox(ctx, "passed@northwind.example", is_proven=False)
    test = mailbox_tests.start_test(ctx, box)
    mailbox_tests.note_sent(ctx, test.id)
    report = raw(
        f"From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nTo: {box.address}\nSubject: Undelivered Mail\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
        "--b\r\nContent-Type: text/plain\r\n\r\nNobody here.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {box.address}\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{derive_test_token(test.id)}@northwind.example>\r\n\r\n--b--\r\n",
    )
    row = take_in(ctx, report, MailDelivery("lmtp", clock.now(), [box.address]), IntakeRules())
    assert row.fate == "bounce"
    assert (test.state, test.failure, box.state) == ("failed", "bounced", "off")


def test_nobody_else_can_write_a_test_mail(world):
    ctx = world.system()
    box = add_mailbox(ctx, "passed@northwind.example", is_proven=False)
    test = mailbox_tests.start_test(ctx, box)
    token = derive_test_token(test.id)
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    row = take_in(
        ctx,
        raw(f"From: {box.address}\nTo: {box.address}\nSubject: {forged}"),
        MailDelivery("lmtp", clock.now(), [box.address]),
        IntakeRules(),
    )
    assert row.reason == "own"
    assert test.state == "waiting"


# -- on the pages -----------------------------------------------------------------------------------------------------


@pytest.fixture
def servers(dovecot, mail_server):
    return {
        "imap_host": "127.0.0.1",
        "imap_port": str(dovecot.imap_port),
        "imap_protection": "starttls",
        "folder": "INBOX",
        "user": "page@northwind.example",
        "password": PASSWORD,
        "smtp_host": "127.0.0.1",
        "smtp_port": str(mail_server.port),
        "smtp_protection": "starttls",
    }


def test_from_an_empty_mailbox_to_the_first_case(as_user, world, servers, dovecot, monkeypatch):
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_accept_unchecked", True)
    ada, address = as_user(world.ada), servers["user"]
    new = {"address": address, "way": "imap", "department": "", "type": ""}
    connection = ada.post("/admin/mailboxes/new", data=new).headers["Location"]
    page = ada.get(connection)
    assert "imap.northwind.example" in page.text
    answer = ada.post(connection, data=servers)
    assert answer.status_code == 303
    here = answer.headers["Location"]
    assert "The test is running" in ada.get(here).text
    polling.poll_mailboxes()
    page = ada.get(here)
    assert "The mailbox is on" in page.text
    assert "becomes a case" in page.text
    dovecot.deliver(simple_mail("First", to=address), address)
    [*_results] = polling.poll_all_now()
    page = ada.get(here)
    assert "An email has become a case or a reply" in page.text
    assert PASSWORD not in ada.get(connection).text
    [row] = world.rows(MailboxConnection)
    assert PASSWORD not in row.secrets + row.imap_url + row.smtp_url


def test_a_stored_password_goes_to_no_other_server(as_user, world, servers):
    ada = as_user(world.ada)
    box = add_mailbox(world.system(), servers["user"], is_proven=False)
    world.session.commit()
    here = f"/admin/mailboxes/{box.id}/connection"
    assert ada.post(here, data={**servers, "password": ""}).status_code == 422
    assert ada.post(here, data=servers).status_code == 303
    polling.poll_mailboxes()
    kept = {**servers, "password": ""}
    assert ada.post(here, data={**kept, "imap_host": "localhost"}).status_code == 422
    assert ada.post(here, data={**kept, "smtp_host": "localhost"}).status_code == 422
    assert ada.post(here, data={**kept, "user": "other@northwind.example"}).status_code == 422
    assert ada.post(here, data={**kept, "imap_port": "70000"}).status_code == 422
    assert ada.post(here, data={**kept, "imap_host": "host/path"}).status_code == 422
    assert ada.post(here, data=kept).status_code == 303
    assert again(world, box).state == "off"
    assert ada.post(f"/admin/mailboxes/{box.id}/test").status_code == 409  # saving began one
    polling.poll_mailboxes()
    assert again(world, box).state == "on"


@pytest.mark.parametrize(
    "text", [*VALUES.values(), "a:b", "[::1", "[::1]", "ex\uff0eample", "a" * 300, "-", "..", "münchen.example"]
)
def test_whatever_is_typed_as_a_server_is_answered(as_user, world, servers, text):
    ada = as_user(world.ada)
    box = add_mailbox(world.system(), servers["user"], is_proven=False)
    world.session.commit()
    here = f"/admin/mailboxes/{box.id}"
    for field in ("imap_host", "imap_port", "folder", "user", "password", "smtp_host"):
        assert ada.post(f"{here}/connection", data={**servers, field: text}).status_code in (303, 409, 422)
        assert ada.get(here).status_code == 200
        assert ada.get(f"{here}/connection").status_code == 200


def test_a_failed_test_says_what_the_server_said(as_user, world, servers):
    ada = as_user(world.ada)
    box = add_mailbox(world.system(), servers["user"], is_proven=False)
    world.session.commit()
    ada.post(f"/admin/mailboxes/{box.id}/connection", data={**servers, "password": "wrong"})
    polling.poll_mailboxes()
    page = ada.get(f"/admin/mailboxes/{box.id}")
    assert "refused the user name or the password" in page.text
    assert "The server says" in page.text
    assert ada.post(f"/admin/mailboxes/{box.id}/test").status_code == 303


@pytest.mark.parametrize("who", ["ana", "lee", "aud"])
def test_only_who_configures_sees_servers(as_user, world, servers, who):
    as_user(world.ada)
    box = add_mailbox(world.system(), servers["user"])
    world.session.commit()
    for part in ("", "/connection", "/progress", "/test", "/retry"):
        assert as_user(world.person(who)).get(f"/admin/mailboxes/{box.id}{part}").status_code in (403, 404)


# -- commands ---------------------------------------------------------------------------------------------------------


def test_the_commands_add_check_and_poll(app, world, dovecot, mail_server, monkeypatch):
    monkeypatch.setattr(app.config["PARLEY"], "mail_accept_unchecked", True)
    runner, address = app.test_cli_runner(), "typed@northwind.example"
    add = ["mailbox", "add", world.northwind.host, address, "--smtp", mail_server.url(address), "--imap"]
    assert runner.invoke(args=[*add, "http://x"]).exit_code == 1
    assert runner.invoke(args=[*add, dovecot.imap_url(address, "wrong")]).exit_code == 0
    failed = runner.invoke(args=["mailbox", "check", address])
    assert failed.exit_code == 1
    assert "refused the user name or the password" in failed.stderr
    [box] = world.rows(Mailbox)
    connect_mailbox(
        world.system(),
        box,
        imap=Server(*parse_server_url(dovecot.imap_url(address), "imap")),
        smtp=Server(*parse_server_url(mail_server.url(address), "smtp")),
    )
    world.session.commit()
    assert runner.invoke(args=["mailbox", "check", address]).exit_code == 0
    dovecot.deliver(simple_mail("By command", to=address), address)
    polled = runner.invoke(args=["mailbox", "poll", "--once"])
    assert polled.exit_code == 0
    assert f"{address}: 2 taken in" in polled.output
    assert runner.invoke(args=["mailbox", "check", "nobody@else.example"]).exit_code == 1


def test_internal_addresses_are_reached_only_where_a_setting_allows_it(monkeypatch):
    outward.configure_outward([])
    try:
        for host in ("127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0"):
            with pytest.raises(outward.InternalHost):
                outward.resolve_host(host, 25)
        assert outward.resolve_host("9.9.9.9", 25)
        outward.configure_outward(["10.0.0.0/8", "localhost"])
        assert outward.resolve_host("10.1.2.3", 25)
        assert outward.resolve_host("localhost", 25)
        with pytest.raises(outward.InternalHost):
            outward.resolve_host("127.0.0.1", 25)
    finally:
        outward.configure_outward(["127.0.0.0/8", "::1"])
