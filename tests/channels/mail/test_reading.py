"""Mailboxes are read over a real IMAP server: every mail once, whatever happens in between."""

import datetime as dt
import itertools
import json

import pytest
from rq.timeouts import JobTimeoutException

from portal.cases.models import Case
from portal.channels.mail import imap_reading, polling
from portal.channels.mail.actions import reading
from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.mailbox_tests import start_test
from portal.channels.mail.actions.mailboxes import add_mailbox, switch_mailbox
from portal.channels.mail.imap_reading import ImapReader
from portal.channels.mail.models import InboundMail, Mailbox, MailboxConnection, MailboxTest
from portal.channels.mail.servers import imap
from portal.channels.mail.servers.address import ServerAddress, parse_server_url
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.system_work import system_work
from portal.kernel import clock
from portal.kernel.encryption import encrypt
from portal.kernel.errors import Refused
from portal.notifications.models import Notification, OutgoingMail
from tests.support.dovecot import PASSWORD, simple_mail

_numbers = itertools.count(1)


class Box:
    """A mailbox, of Northwind if nothing else is said, that is read from Dovecot, and what its readers do."""

    def __init__(self, world, dovecot, provider=None) -> None:
        self.world, self.dovecot, self.provider = world, dovecot, provider or world.northwind
        self.address = f"box{next(_numbers)}@northwind.example"

    def connect(self) -> None:
        """Read it, as if its test had come back."""
        ctx = self.world.system(self.provider)
        row = add_mailbox(ctx, self.address)
        url = self.dovecot.imap_url(self.address)
        connection = connect_mailbox(ctx, row, imap=Server(*parse_server_url(url, "imap")), smtp=None)
        row.proven_at = ctx.now
        switch_mailbox(ctx, row, on=True)
        self.id, self.mailbox_id = connection.id, row.id
        self.world.session.commit()

    def store_password(self, password: str) -> None:
        """As if the password at the server were another one now than the stored one."""
        row = self.row
        row.secrets = encrypt(json.dumps({"imap": password}), row.secrets_purpose)
        self.world.session.commit()

    def deliver(self, *subjects: str, **more: str) -> None:
        for subject in subjects:
            self.dovecot.deliver(simple_mail(subject, to=self.address, **more), self.address)

    def read(self, **more: float) -> polling.PollResult:
        result = polling.read_mailbox(self.provider.id, self.id, now_wanted=True, **more)
        assert result is not None
        return result

    @property
    def row(self) -> MailboxConnection:
        self.world.session.expire_all()
        return self.world.row(MailboxConnection, self.id)

    @property
    def fates(self) -> list[tuple[str, str]]:
        rows = self.world.rows(InboundMail, InboundMail.mailbox_id == self.mailbox_id)
        return [(row.subject, row.fate) for row in sorted(rows, key=lambda row: row.id)]


@pytest.fixture
def box(world, dovecot, monkeypatch):
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_accept_unchecked", True)
    return Box(world, dovecot)


def test_mails_become_cases_once(box, world):
    box.connect()
    box.read()
    box.deliver("One", "Two")
    assert box.read().taken == 2
    assert box.fates == [("One", "case"), ("Two", "case")]
    assert {case.channel for case in world.rows(Case)} == {"mail"}
    assert box.read().taken == 0
    assert box.dovecot.count(box.address, "UNSEEN") == 0
    assert box.row.read_at is not None
    [road] = {row.road for row in world.rows(InboundMail)}
    assert road == "imap"


def test_a_blind_copy_belongs_to_the_mailbox_that_it_was_read_from(box, world):
    box.connect()
    box.dovecot.deliver(simple_mail("Blind", to="somebody@else.example"), box.address)
    box.read()
    assert box.fates == [("Blind", "case")]


def test_what_was_there_before_is_taken_in_only_if_nobody_has_read_it(box):
    box.deliver("Read before", "Unread before")
    with box.dovecot.client(box.address) as client:
        client.store("1", "+FLAGS", r"\Seen")
    box.connect()
    box.read()
    assert box.fates == [("Unread before", "case")]
    box.deliver("New")
    with box.dovecot.client(box.address) as client:  # somebody reads it before we do
        client.store("3", "+FLAGS", r"\Seen")
    box.read()
    assert box.fates == [("Unread before", "case"), ("New", "case")]


def test_a_large_mailbox_is_read_in_batches(box, monkeypatch):
    monkeypatch.setattr(polling, "BATCH", 3)
    monkeypatch.setattr(imap_reading, "WINDOW", 2)
    box.deliver(*"abcdefgh")
    box.connect()
    with box.dovecot.client(box.address) as client:
        client.store("2,3", "+FLAGS", r"\Deleted")
        client.expunge()
    results = [box.read() for _run in range(3)]
    assert [(result.taken, result.more) for result in results] == [(3, True), (3, False), (0, False)]
    assert [subject for subject, _fate in box.fates] == list("adefgh")


def test_a_run_whose_time_is_over_takes_in_one_and_the_next_goes_on(box):
    box.deliver(*"abc")
    box.connect()
    results = [box.read(ends=0.0) for _run in range(4)]
    assert [(result.taken, result.more) for result in results] == [(1, True), (1, True), (1, False), (0, False)]
    assert [subject for subject, _fate in box.fates] == list("abc") and not box.dovecot.count(box.address, "UNSEEN")


def test_a_reader_that_ends_before_it_marks_its_mails_takes_none_in_twice(box, monkeypatch):
    box.connect()
    box.deliver("One", "Two")

    def killed(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(imap.ImapFolder, "mark_read", killed)
        with pytest.raises(KeyboardInterrupt):
            box.read()
    assert box.dovecot.count(box.address, "UNSEEN") == 2
    assert polling.read_mailbox(box.world.northwind.id, box.id, now_wanted=True) is None  # still claimed
    release_claim(box)
    assert box.read().taken == 0
    assert len(box.fates) == 2


def release_claim(box):
    """The time for which a reader claims a mailbox is over."""
    box.row.claimed_until = None
    box.world.session.commit()


def test_two_readers_share_a_mailbox_without_a_double(box, monkeypatch):
    """The second one is faster than the claim of the first lasts."""
    box.connect()
    box.deliver("One", "Two")
    first = polling.take_in

    def overtaken(*arguments):
        monkeypatch.setattr(polling, "take_in", first)
        release_claim(box)
        return first(*arguments)

    real = ImapReader._take_one

    def slow(*arguments, **more):
        if not box.fates:
            monkeypatch.setattr(ImapReader, "_take_one", real)
            release_claim(box)
            box.read()
        return real(*arguments, **more)

    monkeypatch.setattr(ImapReader, "_take_one", slow)
    assert box.read().taken == 0
    assert [subject for subject, _fate in box.fates] == ["One", "Two"]


def test_a_message_that_ends_its_reader_is_set_aside_once(box, monkeypatch, as_user, world):
    box.connect()
    box.deliver("Good", "Poison", "Good too")
    real = polling.take_in

    def take_in(ctx, raw, delivery, rules):
        if b"Poison" in raw:
            raise KeyboardInterrupt  # as a kill: nothing after it runs
        return real(ctx, raw, delivery, rules)

    monkeypatch.setattr(polling, "take_in", take_in)
    for _try in range(1 + reading.MOST_STALLS):
        with pytest.raises(KeyboardInterrupt):
            box.read()
        release_claim(box)
    assert box.read().taken == 2
    assert [fate for _subject, fate in box.fates] == ["case", "quarantine", "case"]
    row = next(row for row in world.rows(InboundMail) if row.fate == "quarantine")
    ada = as_user(world.ada)
    assert "set aside" in ada.get(f"/admin/mail-log/{row.id}").text
    assert "Subject: Poison" in ada.get(f"/admin/mail-log/{row.id}/original").text
    assert ada.post(f"/admin/mail-log/{row.id}/release").status_code == 422
    assert ada.post(f"/admin/mail-log/{row.id}/discard").status_code == 303


def test_a_restored_mailbox_is_read_on_without_a_double(box):
    """Its UIDs mean other messages than before."""
    box.connect()
    box.deliver("One", "Two")
    box.read()
    box.deliver("Three")
    validity = box.row.uid_validity
    # Stopped, because a process that is still closing the mailbox would write its lists again, with the old number.
    box.dovecot.stop()
    user = box.dovecot.folder / "mail" / box.address
    assert list(user.glob("dovecot-uidvalidity*"))  # from which Dovecot counts on; else it takes the seconds of now
    for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
        (user / name).unlink(missing_ok=True)
    box.dovecot.start_again()
    assert box.read().failure is None
    assert box.row.uid_validity != validity
    assert [subject for subject, _fate in box.fates] == ["One", "Two", "Three"]


def test_a_mail_that_is_too_large_is_not_read_whole(box, monkeypatch):
    monkeypatch.setattr(imap, "_LARGEST", 1000)
    box.connect()
    box.deliver("Large", text="x" * 5000)
    assert box.read().taken == 1


# -- failures ---------------------------------------------------------------------------------------------------------


def fail(box, times):
    for _time in range(times):
        failure = box.read().failure
        assert failure is not None
    return failure


def test_a_server_that_is_away_is_tried_less_and_less_often(box, dovecot):
    box.connect()
    dovecot.stop()
    try:
        pauses = []
        for _try in range(3):
            assert fail(box, 1).code == "unreachable"
            pauses.append(box.row.next_read_at - box.row.failed_at)
    finally:
        dovecot.start_again()
    assert pauses == [dt.timedelta(minutes=n) for n in (1, 2, 4)]
    assert box.row.paused_at is None
    box.deliver("Waited")
    assert box.read().taken == 1
    assert (box.row.failures, box.row.failure) == (0, "")


def test_a_mailbox_that_fails_too_often_pauses_and_says_so(box, run_outbox, world):
    box.connect()
    box.store_password("former")
    assert fail(box, reading.PAUSE_AFTER_LASTING).code == "password"
    assert box.row.paused_at is not None
    assert polling.read_mailbox(world.northwind.id, box.id, now_wanted=True) is None
    run_outbox()
    [bell] = [row for row in world.rows(Notification) if row.reason == "administrator"]
    assert bell.user_id == world.ada.id
    [mail] = world.rows(OutgoingMail, OutgoingMail.kind == "mailbox_paused")
    assert box.address in mail.subject
    assert "refused the user name or the password" in mail.text


def test_a_paused_mailbox_is_read_again_when_somebody_says_so(box, as_user, world):
    box.connect()
    box.store_password("former")
    fail(box, reading.PAUSE_AFTER_LASTING)
    box.store_password(PASSWORD)
    box.deliver("Meanwhile")
    ada = as_user(world.ada)
    page = ada.get(f"/admin/mailboxes/{box.mailbox_id}")
    assert "refused the user name or the password" in page.text
    assert "The mailbox is paused. 3 of 5 steps done" in page.page.text, "what fails now is not done"
    assert "The server lets us in" not in page.page.text
    assert "On, not read" in ada.get("/admin/mailboxes").page.text
    assert ada.post(f"/admin/mailboxes/{box.mailbox_id}/retry").status_code == 303
    assert box.read().taken == 1
    assert box.row.paused_at is None
    assert "The mailbox is on. 5 of 5 steps done" in ada.get(f"/admin/mailboxes/{box.mailbox_id}").page.text
    assert ada.post(f"/admin/mailboxes/{box.mailbox_id}/retry").status_code == 409


def test_a_mailbox_whose_server_comes_back_goes_on_by_itself(box, world):
    box.connect()
    for _try in range(reading.PAUSE_AFTER):
        with system_work(world.northwind.id) as ctx:
            reading.fail_reading(ctx, box.id, MailServerFailure("unreachable"))
    assert box.row.paused_at is not None
    assert box.row.next_read_at == box.row.failed_at + reading.PAUSED_EVERY
    box.deliver("Meanwhile")
    assert box.read().taken == 1
    assert box.row.paused_at is None


def test_a_mailbox_that_is_off_is_not_read(box, world):
    box.connect()
    box.deliver("Waits on its server")
    with system_work(world.northwind.id) as ctx:
        switch_mailbox(ctx, ctx.session.get(Mailbox, box.mailbox_id), on=False)
    assert polling.read_mailbox(world.northwind.id, box.id, now_wanted=True) is None
    assert box.dovecot.count(box.address, "UNSEEN") == 1


def test_the_periodic_job_reads_what_is_due(box, world):
    box.connect()
    box.deliver("One")
    assert polling.poll_mailboxes() == 1
    box.deliver("Two")
    assert polling.poll_mailboxes() == 0  # not due yet
    assert [result.taken for result in polling.poll_all_now()] == [1]


def test_a_case_is_not_closed_before_the_mailbox_has_been_read_past_its_time(box, world, travel, run_outbox):
    """An answer may lie in the mailbox while it is paused."""
    box.connect()
    box.read()
    case_id = world.case_in("resolved", by="rita").id
    world.session.commit()
    box.store_password("former")
    fail(box, reading.PAUSE_AFTER_LASTING)
    travel(hours=73)
    run_outbox()
    assert world.row(Case, case_id).state == "resolved"
    box.store_password(PASSWORD)
    with system_work(world.northwind.id) as ctx:
        reading.retry_mailbox(ctx, box.row)
    box.read()
    travel(minutes=6)
    run_outbox()
    assert world.row(Case, case_id).state == "closed"


def test_a_mailbox_that_is_off_or_passed_on_holds_no_case_open(box, world, travel, run_outbox):
    box.connect()
    box.read()
    add_mailbox(world.system(), "passed@northwind.example")
    case_id = world.case_in("resolved", by="rita").id
    switch_mailbox(world.system(), world.row(Mailbox, box.mailbox_id), on=False)
    world.session.commit()
    travel(hours=73)
    run_outbox()
    assert world.row(Case, case_id).state == "closed"


def test_the_command_names_a_mailbox_that_fails_before_it_is_read(box, world):
    box.connect()
    row = box.row
    row.imap_url = UNREADABLE[0]
    world.session.commit()
    polled = world.app.test_cli_runner().invoke(args=["mailbox", "poll", "--once"])
    assert polled.exit_code == 1
    assert polled.output.startswith(f"{box.address}: failed: The stored address")


def test_a_password_of_another_secret_key_is_said(box, world):
    box.connect()
    row = box.row
    row.secrets = "1:" + "A" * 60
    world.session.commit()
    assert fail(box, 1).code == "secret"


UNREADABLE = ["imaps://u@a:b:993/INBOX", "imaps://u@a[b:993/INBOX", "imaps://u@\u2100.com:993/INBOX", ""]


def test_a_stored_server_that_cannot_be_read_is_said_and_corrected(box, as_user, world):
    """Whatever the row holds: the others are read, the pages answer, and the form stores another server."""
    box.connect()
    other = Box(world, box.dovecot, world.southgate)
    other.connect()
    ada, here = as_user(world.ada), f"/admin/mailboxes/{box.mailbox_id}"
    for url in UNREADABLE:
        row = box.row
        row.imap_url, row.failures, row.paused_at, row.next_read_at = url, 0, None, row.next_read_at or clock.now()
        start_test(world.system(), world.row(Mailbox, box.mailbox_id))
        world.session.commit()
        other.deliver("Waits behind it")
        assert [result.failure and result.failure.code for result in polling.poll_all_now()].count("address") == 1
        assert box.dovecot.count(other.address, "UNSEEN") == 0
        polling.poll_mailboxes()
        tests = world.rows(MailboxTest, MailboxTest.mailbox_id == box.mailbox_id)
        assert {(test.state, test.failure) for test in tests} == {("failed", "address")}
        for part in ("", "/connection", "/progress"):
            page = ada.get(f"{here}{part}")
            assert page.status_code == 200 and "The stored address of the server cannot be read" in page.text
    server = parse_server_url(box.dovecot.imap_url(box.address), "imap")[0]
    typed = {
        "imap_host": server.host,
        "imap_port": str(server.port),
        "imap_protection": "starttls",
        "folder": "INBOX",
        "user": server.user,
        "smtp_protection": "tls",
    }
    assert ada.post(f"{here}/connection", data=typed).status_code == 422  # the password goes to no unknown server
    assert ada.post(f"{here}/connection", data={**typed, "password": PASSWORD}).status_code == 303
    assert "cannot be read" not in ada.get(f"{here}/connection").text


@pytest.mark.parametrize("host", ["a:b", "a[b", "\u2100.com", "a b", ""])
def test_no_door_stores_a_server_that_cannot_be_read_back(box, world, host):
    row = add_mailbox(world.system(), box.address)
    for reads, sends, field in ((host, "x.example", "imap_host"), ("x.example", host, "smtp_host")):
        with pytest.raises(Refused) as refused:
            connect_mailbox(
                world.system(),
                row,
                imap=Server(ServerAddress("imaps", reads, 993, "u"), "p"),
                smtp=Server(ServerAddress("smtps", sends, 465, "u"), "p"),
            )
        assert refused.value.field == field


def test_what_nobody_foresaw_stops_no_other_mailbox(box, monkeypatch, as_user, world, caplog):
    """Reading and testing one mailbox end in an error: it is the failure of this one, and the next ones are read."""
    box.connect()
    others = [Box(world, box.dovecot), Box(world, box.dovecot, world.southgate)]
    for other in others:
        other.connect()
        other.deliver("Waits behind it")
    start_test(world.system(), world.row(Mailbox, box.mailbox_id))
    row = box.row
    row.next_read_at -= dt.timedelta(days=1)  # the first one
    world.session.commit()
    real = imap.open_folder

    def open_folder(address, authenticate):
        if address.user == box.address:
            raise RuntimeError("nobody foresaw it")
        return real(address, authenticate)

    with monkeypatch.context() as patched:
        patched.setattr(imap, "open_folder", open_folder)
        polling.poll_mailboxes()
    assert [box.dovecot.count(other.address, "UNSEEN") for other in others] == [0, 0]
    assert (box.row.failure, box.row.failures, box.row.claimed_until) == ("unexpected", 1, None)
    [test] = world.rows(MailboxTest, MailboxTest.mailbox_id == box.mailbox_id)
    assert (test.state, test.failed_step, test.failure) == ("failed", "read", "unexpected")
    assert "nobody foresaw it" in caplog.text
    page = as_user(world.ada).get(f"/admin/mailboxes/{box.mailbox_id}").text
    assert "Something went wrong on our side" in page and "nobody foresaw it" not in page
    box.deliver("Afterwards")
    assert box.read().taken == 1
    assert box.row.failure == ""


def test_a_provider_that_cannot_be_read_stops_no_other(box, monkeypatch, world):
    others = [Box(world, box.dovecot, provider) for provider in (world.northwind, world.southgate)]
    for other in others:
        other.connect()
    real = polling._open_tests
    for broken, read in (others, others[::-1]):
        read.deliver("Waits behind it")

        def open_tests(provider_id, broken=broken):
            if provider_id == broken.provider.id:
                raise RuntimeError("nobody foresaw it")
            return real(provider_id)

        monkeypatch.setattr(polling, "_open_tests", open_tests)
        polling.poll_mailboxes()
        assert box.dovecot.count(read.address, "UNSEEN") == 0


def test_a_job_that_takes_too_long_ends_and_the_mailbox_is_to_blame(box, monkeypatch):
    box.connect()

    def open_folder(_address, _authenticate):
        raise JobTimeoutException

    monkeypatch.setattr(imap, "open_folder", open_folder)
    with pytest.raises(JobTimeoutException):
        polling.poll_mailboxes()
    assert (box.row.failure, box.row.claimed_until) == ("timeout", None)
