"""Mailboxes of Microsoft 365 and Google: signed in by OAuth, read and sent by IMAP and SMTP, or by Graph.

The services are real processes on loopback: `tests.support.identity_provider`, and a Dovecot that asks it whose a token
is.
"""

import datetime as dt
import itertools
import threading

import pytest

from portal.cases.models import Case
from portal.channels.mail import polling
from portal.channels.mail.actions import authorizations, reading
from portal.channels.mail.actions.authorizations import OAuthChoice, connect_by_oauth
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.mailbox_access import service_settings
from portal.channels.mail.models import InboundMail, Mailbox, MailboxConnection, MailboxTest, MailboxToken
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.channels.mail.servers import oauth
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.servers.graph import GraphMailbox
from portal.channels.mail.system_work import separate_work, system_work
from portal.kernel import clock
from portal.notifications.models import Notification, OutgoingMail
from portal.tenants.models import StaffMember
from tests.channels.mail.whole_path import RITA, parsed, walk
from tests.support.dovecot import Dovecot, MailServer, require_dovecot, simple_mail
from tests.support.identity_provider import CLIENT, SECRET, RunningProvider

_numbers = itertools.count(1)
WAYS = [("microsoft_app", "graph"), ("microsoft", "graph"), ("microsoft", "imap"), ("google", "imap")]


@pytest.fixture(scope="module")
def running():
    made = RunningProvider()
    yield made
    made.close()


@pytest.fixture(scope="module")
def token_dovecot(running):
    require_dovecot()
    made = Dovecot(f"{running.url}/google/introspect")
    yield made
    made.close()


@pytest.fixture
def provider(running, world, monkeypatch):
    """The service, as the settings of the installation name it; it has no tokens and no mails."""
    running.reset()
    config = world.app.config["PARLEY"]
    for name, value in {
        "mail_accept_unchecked": True,
        "microsoft_authority": running.url,
        "google_issuer": f"{running.url}/google",
        "graph_url": f"{running.url}/v1.0",
    }.items():
        monkeypatch.setattr(config, name, value)
    monkeypatch.setattr("portal.channels.mail.mailbox_tests._PAUSES", (0,))
    return running


class OAuthBox:
    """A mailbox that signs in by OAuth, and what happens to it."""

    def __init__(self, world, provider, sign_in, protocol, dovecot=None) -> None:
        self.world, self.provider, self.dovecot = world, provider, dovecot
        self.sign_in, self.protocol = sign_in, protocol
        self.address = f"oauth{next(_numbers)}@northwind.example"

    def connect(self) -> None:
        """Connect it, and give the permission as the browser of an administrator does."""
        ctx = self.world.system()
        box = add_mailbox(ctx, self.address, is_proven=False)
        choice = OAuthChoice(self.sign_in, self.protocol, "example.org", CLIENT, SECRET)
        connection = connect_by_oauth(ctx, box, choice, service_settings())
        self.mailbox_id, self.id = box.id, connection.id
        if self.sign_in != "microsoft_app":
            self.permit(ctx, box, connection)
        self.world.session.commit()

    def permit(self, ctx, box, connection) -> None:
        client = authorizations.find_client(connection, service_settings())
        verifier, target = authorizations.derive_verifier("state"), "http://northwind.localhost/back"
        self.provider.redirect(target)
        url = oauth.build_authorization_url(client, "state", verifier, target, self.address)
        code = self.provider.consent(url).partition("code=")[2].partition("&")[0]
        authorizations.store_consent(ctx, box, oauth.fetch_by_code(client, code, verifier, target))

    def permit_again(self) -> None:
        with system_work(self.world.northwind.id) as ctx:
            box, connection = ctx.session.get(Mailbox, self.mailbox_id), ctx.session.get(MailboxConnection, self.id)
            self.permit(ctx, box, connection)

    def prove(self) -> MailboxTest:
        """Carry its test on to the end."""
        polling.poll_mailboxes()
        self.world.session.expire_all()
        [test] = self.world.rows(MailboxTest, MailboxTest.mailbox_id == self.mailbox_id)
        return test

    def deliver(self, *subjects: str, **more) -> None:
        for subject in subjects:
            raw = simple_mail(subject, to=self.address, **more)
            if self.protocol == "graph":
                self.provider.deliver(raw, self.address)
            else:
                self.dovecot.deliver(raw, self.address)

    def read(self, **more: float) -> polling.PollResult:
        result = polling.read_mailbox(self.world.northwind.id, self.id, now_wanted=True, **more)
        assert result is not None
        return result

    @property
    def row(self) -> MailboxConnection:
        self.world.session.expire_all()
        return self.world.row(MailboxConnection, self.id)

    @property
    def token(self) -> MailboxToken:
        self.world.session.expire_all()
        [row] = self.world.rows(MailboxToken, MailboxToken.mailbox_id == self.mailbox_id)
        return row

    @property
    def subjects(self) -> list[str]:
        rows = self.world.rows(InboundMail, InboundMail.mailbox_id == self.mailbox_id)
        return [row.subject for row in sorted(rows, key=lambda row: row.id) if row.fate == "case"]


@pytest.fixture
def make_box(world, provider, request, monkeypatch):
    """Make a mailbox of a way that is connected and on."""
    servers = []

    def make(sign_in="microsoft_app", protocol="graph", *, proven=True) -> OAuthBox:
        dovecot = request.getfixturevalue("token_dovecot") if protocol == "imap" else None
        if dovecot is not None:
            sends = MailServer(dovecot, provider.owner_of)
            servers.append(sends)
            for service in ("microsoft", "google"):
                config = world.app.config["PARLEY"]
                monkeypatch.setattr(config, f"{service}_imap_url", f"imap://127.0.0.1:{dovecot.imap_port}")
                monkeypatch.setattr(config, f"{service}_smtp_url", f"smtp://127.0.0.1:{sends.port}")
        box = OAuthBox(world, provider, sign_in, protocol, dovecot)
        box.connect()
        if proven:
            test = box.prove()
            assert (test.state, test.failure, test.failure_words) == ("returned", "", "")
            box.read()
        return box

    yield make
    for server in servers:
        server.close()


@pytest.mark.parametrize(("sign_in", "protocol"), WAYS)
def test_each_way_is_tested_and_reads_each_mail_once(make_box, world, sign_in, protocol):
    box = make_box(sign_in, protocol)
    assert world.row(Mailbox, box.mailbox_id).state == "on"
    box.deliver("One", "Two")
    assert box.read().taken == 2
    assert box.read().taken == 0
    assert box.subjects == ["One", "Two"]
    roads = {row.road for row in world.rows(InboundMail, InboundMail.mailbox_id == box.mailbox_id)}
    assert roads == {protocol}
    if protocol == "graph":
        assert all(mail.is_read for mail in box.provider.mails(box.address))
    else:
        assert box.dovecot.count(box.address, "UNSEEN") == 0


@pytest.mark.parametrize(("sign_in", "protocol"), WAYS)
def test_a_token_is_renewed_before_it_ends_and_when_it_is_refused(make_box, travel, sign_in, protocol):
    box = make_box(sign_in, protocol)
    [first] = box.provider.living("access")
    travel(minutes=56)
    box.deliver("Before its end")
    assert box.read().taken == 1
    second = box.provider.living("access")[-1]
    assert second != first
    box.provider.revoke(kind="access")  # the service ends it early
    box.deliver("After")
    result = box.read()
    assert (result.taken, result.failure) == (1, None)
    if sign_in != "microsoft_app":
        assert len(box.provider.living("refresh")) == 1  # each was used once, and the last one is stored
    assert box.subjects == ["Before its end", "After"]


@pytest.mark.parametrize(("sign_in", "protocol"), [WAYS[1], WAYS[3]])
def test_a_consent_that_ends_pauses_the_mailbox_and_nothing_is_lost(
    make_box, world, run_outbox, as_user, sign_in, protocol
):
    box = make_box(sign_in, protocol)
    case_id = world.open_case(by="rita").id
    world.session.commit()
    run_outbox()
    box.provider.revoke()
    box.deliver("Meanwhile")
    assert box.read().failure.code == "consent"
    row = box.row
    assert (row.paused_at is not None, row.next_read_at, row.failure) == (True, None, "consent")
    assert polling.read_mailbox(world.northwind.id, box.id, now_wanted=True) is None
    run_outbox()
    [bell] = [row for row in world.rows(Notification) if row.reason == "administrator"]
    assert bell.user_id == world.ada.id
    [told] = world.rows(OutgoingMail, OutgoingMail.kind == "mailbox_paused")
    assert "permission" in told.text
    page = as_user(world.ada).get(f"/admin/mailboxes/{box.mailbox_id}").text
    assert "Connect again" in page
    asked = len(box.provider.requests)
    world.answer(world.row(Case, case_id))
    world.session.commit()
    run_outbox()
    [mail] = world.rows(OutgoingMail, OutgoingMail.kind == "answered", OutgoingMail.case_id == case_id)
    assert (mail.state, mail.attempts) == ("queued", 0)
    assert "consent" in mail.last_error
    mail_id = mail.id
    assert len(box.provider.requests) == asked  # the service has said no: it is not asked again
    box.permit_again()
    assert box.row.paused_at is None
    run_outbox()
    assert world.row(OutgoingMail, mail_id).state == "sent"  # at once
    assert box.read().taken == 1
    assert box.subjects == ["Meanwhile"]


def test_of_two_workers_one_renews_the_token(live, running, monkeypatch):
    """Both see a token that ends: the second waits, and takes the one that the first has stored."""
    with live.inside() as world:
        config = world.app.config["PARLEY"]
        monkeypatch.setattr(config, "microsoft_authority", running.url)
        monkeypatch.setattr(config, "graph_url", f"{running.url}/v1.0")
        box = OAuthBox(world, running, "microsoft", "graph")
        box.connect()
        world.session.commit()
        row = box.token
        row.expires_at -= dt.timedelta(hours=2)
        world.session.commit()
        settings, provider_id = service_settings(), world.northwind.id
        found = []

        def renew():
            with world.app.app_context(), system_work(provider_id) as ctx:
                found.append(authorizations.renew_token(ctx, box.mailbox_id, settings))

        asked = running.requests.count("POST /example.org/oauth2/v2.0/token")
        workers = [threading.Thread(target=renew) for _worker in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(set(found)) == 1 and found[0] in running.living("access")
        assert running.requests.count("POST /example.org/oauth2/v2.0/token") == asked + 1


def test_a_service_that_is_busy_is_left_alone_as_long_as_it_wants(make_box, provider):
    box = make_box()
    provider.fault("graph", status=429, retry_after="600")
    failure = box.read().failure
    assert (failure.code, failure.retry_after) == ("busy", dt.timedelta(seconds=600))
    row = box.row
    assert row.next_read_at - row.failed_at == dt.timedelta(seconds=600)
    assert box.read().failure is None


def test_a_busy_token_endpoint_is_no_end_of_the_permission(make_box, provider, travel):
    box = make_box("microsoft", "graph")
    travel(hours=2)
    provider.fault("token", status=429, retry_after="120")
    failure = box.read().failure
    assert (failure.code, failure.retry_after) == ("busy", dt.timedelta(seconds=120))
    assert box.read().failure is None


@pytest.mark.parametrize(
    ("error", "code", "pauses"),
    [("invalid_grant", "consent", True), ("invalid_client", "client", False), ("nonsense", "protocol", False)],
)
def test_what_the_service_refuses_has_a_name(make_box, provider, travel, error, code, pauses):
    box = make_box("microsoft", "graph")
    travel(hours=2)
    provider.fault("token", status=400, error=error, echo=True)
    failure = box.read().failure
    assert failure.code == code
    assert (box.row.paused_at is not None) == pauses


def test_mails_wait_while_the_application_is_refused(make_box, world, provider, travel, run_outbox):
    make_box("microsoft_app", "graph")
    case_id = world.open_case(by="rita").id
    world.session.commit()
    run_outbox()
    travel(hours=2)
    provider.fault("token", status=400, error="invalid_client")
    world.answer(world.row(Case, case_id))
    world.session.commit()
    run_outbox()
    [mail] = world.rows(OutgoingMail, OutgoingMail.kind == "answered", OutgoingMail.case_id == case_id)
    assert (mail.state, mail.attempts, mail.last_error.partition(" ")[0]) == ("queued", 0, "client")


# -- Graph ------------------------------------------------------------------------------------------------------------


def test_a_large_inbox_is_read_in_pages_and_batches(make_box, monkeypatch):
    box = make_box()
    monkeypatch.setattr(polling, "BATCH", 3)
    box.provider.set("page_size", 2)
    box.deliver(*"abcdefgh")
    results = [(result.taken, result.more) for result in (box.read() for _run in range(4))]
    assert [taken for taken, _more in results] == [3, 3, 2, 0]
    assert [more for _taken, more in results] == [True, True, False, False]
    assert box.subjects == list("abcdefgh")


def test_a_run_whose_time_is_over_takes_in_one_and_the_next_goes_on(make_box):
    box = make_box()
    box.provider.set("page_size", 2)
    box.deliver(*"abc")
    results = [box.read(ends=0.0) for _run in range(9)]
    assert [result.taken for result in results].count(1) == 3 and not results[-1].more
    assert all(result.taken <= 1 for result in results) and box.subjects == list("abc")


def test_a_message_that_is_deleted_meanwhile_leaves_no_other_unread(make_box, provider):
    box = make_box()
    gone, *_others = [
        provider.deliver(simple_mail(subject, to=box.address), box.address) for subject in ("Gone", "One", "Two")
    ]
    provider.delete_mail(gone)
    box.read()
    assert box.subjects == ["One", "Two"]
    assert [one.id for one in provider.mails(box.address) if not one.is_read] == [gone.id]


@pytest.mark.parametrize("at", range(3))
def test_a_reader_that_is_killed_goes_on_where_it_was(make_box, monkeypatch, at):
    """After each message, before the page is done: nothing is lost or doubled."""
    box = make_box()
    box.deliver("One", "Two", "Three")
    real, taken = polling.take_in, []

    def take_in(*arguments):
        if len(taken) == at:
            taken.append("killed")
            raise KeyboardInterrupt
        taken.append("")
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(polling, "take_in", take_in)
        patched.setattr(GraphMailbox, "mark_read", lambda *_arguments: None)
        with pytest.raises(KeyboardInterrupt):
            box.read()
    box.row.claimed_until = None
    box.world.session.commit()
    assert box.read().taken == 3 - at
    assert box.subjects == ["One", "Two", "Three"]


def test_what_was_there_before_is_taken_in_only_if_nobody_has_read_it(provider, make_box, travel):
    address = f"oauth{next(_numbers) + 1}@northwind.example"
    provider.deliver(simple_mail("Read before", to=address), address, is_read=True)
    provider.deliver(simple_mail("Unread before", to=address), address)
    travel(minutes=1)
    box = make_box()
    assert box.address == address
    travel(minutes=1)
    provider.deliver(simple_mail("Read by somebody first", to=address), address, is_read=True)
    box.read()
    assert box.subjects == ["Unread before", "Read by somebody first"]


def test_a_place_that_the_service_forgets_costs_and_doubles_nothing(make_box, provider):
    box = make_box()
    box.deliver("One", "Two")
    box.read()
    box.deliver("Three")
    provider.set("forget_changes", True)
    assert box.read().taken == 1
    assert box.subjects == ["One", "Two", "Three"]


def test_a_message_that_ends_its_reader_is_set_aside_once(make_box, monkeypatch, world):
    box = make_box()
    box.deliver("Good", "Poison", "Good too")
    real = polling.take_in

    def take_in(ctx, raw, delivery, rules):
        if b"Poison" in raw:
            raise KeyboardInterrupt
        return real(ctx, raw, delivery, rules)

    monkeypatch.setattr(polling, "take_in", take_in)
    for _try in range(1 + reading.MOST_STALLS):
        with pytest.raises(KeyboardInterrupt):
            box.read()
        box.row.claimed_until = None
        world.session.commit()
    assert box.read().taken == 2
    rows = world.rows(InboundMail, InboundMail.mailbox_id == box.mailbox_id, InboundMail.reason == "set_aside")
    assert [row.fate for row in rows] == ["quarantine"]
    assert box.read().taken == 0
    assert box.subjects == ["Good", "Good too"]


def test_a_connection_that_drops_costs_nothing(make_box, provider):
    box = make_box()
    box.deliver("One", "Two", "Three")
    provider.fault("graph_content", drop=True, after=2)
    assert box.read().failure.code in ("dropped", "unreachable")
    assert box.read().taken == 1
    assert box.subjects == ["One", "Two", "Three"]


def test_a_mail_that_is_too_large_is_not_read_whole(make_box, monkeypatch):
    monkeypatch.setattr("portal.channels.mail.servers.graph._LARGEST", 1000)
    box = make_box()
    box.deliver("Large", text="x" * 5000)
    assert box.read().taken == 1


def test_no_token_goes_to_another_server(make_box, provider, world):
    """Whatever link is stored, or comes from the service."""
    box = make_box()
    row = box.row
    row.changes_link = "http://127.0.0.1:1/steal"
    world.session.commit()
    assert box.read().failure is None
    assert box.row.changes_link.startswith(provider.url)


def test_an_account_that_may_not_use_the_mailbox_is_said(make_box, provider):
    box = make_box("microsoft", "graph", proven=False)
    provider.order("reassign", account="somebody@else.example")
    test = box.prove()
    assert (test.failed_step, test.failure) == ("read", "access")


MICROSOFT_SAYS = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=pass (signature was verified)"
    " header.d=acme.example;dmarc=pass action=none header.from=acme.example;compauth=pass reason=100"
)
GOOGLE_SAYS = "mx.google.com; dkim=pass header.i=@acme.example; dmarc=pass (p=NONE) header.from=acme.example"


@pytest.mark.parametrize(
    ("sign_in", "protocol", "said", "fate"),
    [
        ("microsoft_app", "graph", MICROSOFT_SAYS, "case"),
        ("microsoft_app", "graph", MICROSOFT_SAYS.replace("pass", "fail"), "quarantine"),
        ("microsoft_app", "graph", GOOGLE_SAYS, "quarantine"),
        ("google", "imap", GOOGLE_SAYS, "case"),
        ("google", "imap", MICROSOFT_SAYS, "quarantine"),
    ],
)
def test_the_service_that_a_mailbox_is_at_says_who_wrote(make_box, world, monkeypatch, sign_in, protocol, said, fate):
    box = make_box(sign_in, protocol)
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_accept_unchecked", False)
    raw = f"Authentication-Results: {said}\r\n".encode() + simple_mail("Checked", to=box.address)
    if protocol == "graph":
        box.provider.deliver(raw, box.address)
    else:
        box.dovecot.deliver(raw, box.address)
    box.read()
    [row] = world.rows(InboundMail, InboundMail.subject == "Checked")
    assert row.fate == fate


# What Exchange Online writes into a mail of a colleague in the same directory.
INSIDE = {
    "Authentication-Results": "dkim=none (message not signed) header.d=none;dmarc=none action=none"
    " header.from=northwind.example;",
    "X-MS-Exchange-Organization-AuthAs": "Internal",
    "X-MS-Exchange-Organization-AuthMechanism": "04",
    "X-MS-Exchange-Organization-AuthSource": "AM0PR01MB1234.eurprd01.prod.outlook.com",
}
AS, BY = "X-MS-Exchange-Organization-AuthAs", "X-MS-Exchange-Organization-AuthSource"
ANA, GIL = "ana@northwind.example", "gil@globex.example"
TRAVELS = {name.replace("Organization", "CrossTenant"): value for name, value in INSIDE.items()}
INTERNAL_MAILS = {
    "a colleague": (ANA, INSIDE, True),
    "without results": (ANA, {**INSIDE, "Authentication-Results": ""}, True),
    "from outside": (ANA, {**INSIDE, AS: "Anonymous"}, False),
    "nothing said": (ANA, {AS: "", BY: ""}, False),
    "made up": (ANA, {**INSIDE, AS: "Internal74"}, False),
    "no server": (ANA, {**INSIDE, BY: ""}, False),
    "a server of its own": (ANA, {**INSIDE, BY: "mail.northwind.example"}, False),
    "a name that looks like it": (ANA, {**INSIDE, BY: "x.prod.outlook.com.evil.example"}, False),
    "said twice": (ANA, {**INSIDE, f"{AS} ": "Anonymous"}, False),
    "of another directory": (ANA, TRAVELS, False),
    "of another domain": (GIL, INSIDE, False),
    "DMARC failed": (
        ANA,
        {**INSIDE, "Authentication-Results": "dmarc=fail action=none header.from=northwind.example"},
        False,
    ),
}


def with_headers(headers, raw):
    lines = [f"{name.strip()}: {value}" for name, value in headers.items() if value]
    return "\r\n".join([*lines, ""]).encode() + raw


def test_microsoft_says_who_signed_in_at_the_mailboxs_own_directory(make_box, world, monkeypatch):
    """Mail inside a directory has no DMARC result. Exchange removes what strangers write under its name."""
    box = make_box("microsoft_app", "graph")
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_accept_unchecked", False)
    for name, (sender, headers, _trusted) in INTERNAL_MAILS.items():
        box.provider.deliver(with_headers(headers, simple_mail(name, sender=sender, to=box.address)), box.address)
    assert box.read().taken == len(INTERNAL_MAILS)
    found = {row.subject: row.trusted for row in world.rows(InboundMail, InboundMail.mailbox_id == box.mailbox_id)}
    assert {name: found[name] for name in INTERNAL_MAILS} == {
        name: trusted for name, (_sender, _headers, trusted) in INTERNAL_MAILS.items()
    }


@pytest.mark.parametrize("way", ["imap", "lmtp"])
def test_what_microsoft_says_counts_only_where_a_mailbox_of_it_was_read(make_box, world, monkeypatch, way):
    """The same header by LMTP, or in a mailbox of Google, can be anybody's."""
    box = make_box("google", "imap") if way == "imap" else make_box("microsoft_app", "graph")
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_accept_unchecked", False)
    raw = with_headers(INSIDE, simple_mail("Forged", sender=ANA, to=box.address))
    if way == "imap":
        box.dovecot.deliver(raw, box.address)
        box.read()
    else:
        take_in(world.system(), raw, MailDelivery("lmtp", clock.now(), (box.address,)), IntakeRules())
    [row] = world.rows(InboundMail, InboundMail.subject == "Forged")
    assert (row.trusted, row.fate, row.reason) == (False, "quarantine", "unauthenticated")


# -- a whole conversation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sign_in", "protocol"), WAYS)
@pytest.mark.parametrize("revoked", [False, True], ids=["", "revoked"])
def test_one_case_and_one_mail_each(make_box, world, run_outbox, as_user, travel, sign_in, protocol, revoked):
    """The whole path; with the permission withdrawn in between."""
    box = make_box(sign_in, protocol)

    def received():
        if protocol == "graph":
            return [parsed(mail.raw) for mail in box.provider.mails(RITA)]
        with box.dovecot.client(RITA) as client:
            numbers = client.search(None, "ALL")[1][0].split()
            return [parsed(client.fetch(number, "(RFC822)")[1][0][1]) for number in numbers]

    def deliver(raw):
        if protocol == "graph":
            box.provider.deliver(raw, box.address)
        else:
            box.dovecot.deliver(raw, box.address)

    def interrupt():
        box.provider.revoke()
        box.provider.fault("token", status=400, error="invalid_grant", times=-1)
        before.append(len(received()))

    def go_on():
        travel(minutes=11)
        run_outbox()
        assert len(received()) == before[0]
        [told] = world.rows(OutgoingMail, OutgoingMail.kind == "mailbox_paused")
        assert box.address in told.subject
        box.provider.end_faults()
        give_again(box, as_user(world.ada))
        travel(minutes=16)  # the longest pause of a way out that had a fault

    before = []
    walk(
        world,
        run_outbox,
        box.address,
        deliver,
        lambda: box.read().taken,
        received,
        **({"interrupt": interrupt, "go_on": go_on} if revoked else {}),
    )


def give_again(box, ada):
    """Connect again, as the page offers it."""
    if box.sign_in == "microsoft_app":
        here = f"/admin/mailboxes/{box.mailbox_id}"
        form = {"sign_in": box.sign_in, "protocol": box.protocol, "tenant": "example.org", "client_id": CLIENT}
        assert ada.post(f"{here}/microsoft", data=form).headers["Location"] == here
    else:
        box.permit_again()


# -- nothing leaks ----------------------------------------------------------------------------------------------------


def test_secrets_are_encrypted_and_stay_out_of_words_and_logs(make_box, provider, travel, caplog, world):
    box = make_box("microsoft", "graph")
    secret = [SECRET, *provider.tokens]
    travel(hours=2)
    provider.fault("token", status=400, error="nonsense", echo=True)
    failure = box.read().failure
    secret += list(provider.tokens)
    row, token = box.row, box.token
    stored = row.secrets + token.tokens
    with separate_work(world.northwind.id) as ctx:
        events = [str(event) for event in ctx.session.execute(_all_events()).all()]
    said = " ".join([stored, row.failure_words, str(failure), repr(failure), caplog.text, *events])
    assert [text for text in secret if text in said] == []


def _all_events():
    from sqlalchemy import text

    return text("SELECT name, facts FROM events")


def test_a_failure_leaves_out_what_looks_like_a_token():
    failure = MailServerFailure("protocol", f"You sent {'x' * 50} and it is wrong")
    assert failure.words == "You sent … and it is wrong"
    assert "xxxx" not in str(failure)


# -- on the pages -----------------------------------------------------------------------------------------------------


class Administrator:
    """What an administrator does with a browser."""

    def __init__(self, browser, provider) -> None:
        self.browser, self.provider = browser, provider

    def add(self, address, way="microsoft") -> str:
        """Add a mailbox; the page where it goes on."""
        new = {"address": address, "way": way, "department": "", "type": ""}
        return self.browser.post("/admin/mailboxes/new", data=new).headers["Location"]

    def save(self, here, **typed):
        """Send the form of a service. The redirect address is registered there as the page names it."""
        address = f"http://{self.browser.host}/admin/mailboxes/consent"
        assert address in self.browser.get(here).text
        self.provider.redirect(address)
        form = {"client_id": CLIENT, "client_secret": SECRET}
        if here.endswith("/microsoft"):
            form |= {"sign_in": "microsoft", "protocol": "graph"}
        return self.browser.post(here, data={**form, **typed})

    def consent(self, answer) -> str:
        """Give the permission; the address that the service leads back to."""
        assert answer.status_code == 303
        return self.provider.consent(answer.headers["Location"])


@pytest.fixture
def administrator(as_user, world, provider):
    return Administrator(as_user(world.ada), provider)


def steps_of(here):
    """The page of the mailbox whose form is at *here*."""
    return here.rpartition("/")[0]


BEGUN = "did not begin in this browser"


def test_from_nothing_to_the_first_case_with_microsoft(administrator, provider):
    address, browser = "page@northwind.example", administrator.browser
    here = administrator.add(address)
    assert here.endswith("/microsoft")
    answer = administrator.save(here)
    assert f"form-action 'self' {provider.url}" in browser.get(here).headers["Content-Security-Policy"]
    waiting = browser.get(steps_of(here)).text
    assert "Somebody signs in with page@northwind.example" in waiting
    assert "Test the mailbox" not in waiting  # there is nothing to test yet
    back = browser.get(administrator.consent(answer))
    assert back.headers["Location"] == steps_of(here)
    assert "The test is running" in browser.get(steps_of(here)).text
    polling.poll_mailboxes()
    steps = browser.get(steps_of(here)).text
    assert "The mailbox is on" in steps and "Microsoft 365, by Microsoft Graph" in steps
    provider.deliver(simple_mail("First", to=address), address)
    [*_results] = polling.poll_all_now()
    assert "An email has become a case or a reply" in browser.get(steps_of(here)).text
    security = browser.get("/admin/security").text
    assert "Permission for a mailbox given" in security
    shown = " ".join(browser.get(path).text for path in (here, steps_of(here), "/admin/mailboxes"))
    assert [secret for secret in (SECRET, *provider.tokens) if secret in shown] == []


def test_an_application_needs_no_browser(administrator):
    here = administrator.add("app@northwind.example")
    for tenant in ("", "common", "a b"):
        assert administrator.save(here, sign_in="microsoft_app", tenant=tenant).status_code == 422
    answer = administrator.save(here, sign_in="microsoft_app", tenant="example.org")
    assert answer.headers["Location"] == steps_of(here)
    polling.poll_mailboxes()
    assert "The mailbox is on" in administrator.browser.get(steps_of(here)).text


def test_the_application_of_the_installation(administrator, world, monkeypatch):
    here = administrator.add("google@northwind.example", "google")
    assert administrator.save(here, client_id="").status_code == 422
    monkeypatch.setattr(world.app.config["PARLEY"], "google_client_id", CLIENT)
    monkeypatch.setattr(world.app.config["PARLEY"], "google_client_secret", SECRET)
    answer = administrator.save(here, client_id="", client_secret="")
    assert "access_type=offline" in answer.headers["Location"]
    assert administrator.browser.get(administrator.consent(answer)).status_code == 303


def test_a_client_secret_goes_to_no_other_application(administrator):
    here = administrator.add("kept@northwind.example")
    assert administrator.save(here).status_code == 303
    kept = {"client_secret": ""}
    assert administrator.save(here, **kept).status_code == 303
    for other in ({"client_id": "another"}, {"tenant": "other.example"}):
        assert administrator.save(here, **kept, **other).status_code == 422
    assert administrator.save(here.replace("/microsoft", "/google"), **kept).status_code == 422


def test_what_comes_back_wrong_is_refused_with_a_sentence(administrator, as_user, world):
    browser = administrator.browser
    back = administrator.consent(administrator.save(administrator.add("wrong@northwind.example")))
    path, _mark, query = back.partition("?")
    code = query.partition("&")[0]
    for answer in (
        browser.get(path),
        browser.get(f"{path}?{code}"),
        browser.get(f"{path}?{code}&state=another"),
        as_user(world.person("sue")).get(back),  # the administrator of another provider
    ):
        assert answer.status_code == 410 and BEGUN in answer.text
    assert as_user(world.lee).get(back).status_code == 403
    assert browser.get(back).status_code == 303
    again = browser.get(back)
    assert again.status_code == 410 and BEGUN in again.text


def test_another_person_in_the_same_browser_is_refused(administrator, client, world):
    back = administrator.consent(administrator.save(administrator.add("shared@northwind.example")))
    world.row(StaffMember, world.lee.staff_id).role = "admin"
    world.session.flush()
    other = client(world.lee)
    other.remember(oauth_states=administrator.browser.cookie["oauth_states"])
    answer = other.get(back)
    assert answer.status_code == 410 and BEGUN in answer.text


def test_a_code_that_was_used_is_refused(administrator, provider):
    back = administrator.consent(administrator.save(administrator.add("code@northwind.example")))
    provider.order("forget_codes")
    answer = administrator.browser.get(back)
    assert answer.status_code == 422 and "used already" in answer.text


def test_a_permission_that_is_not_given_is_said(administrator, provider):
    provider.sign_in_as(deny=True)
    back = administrator.consent(administrator.save(administrator.add("denied@northwind.example")))
    answer = administrator.browser.get(back)
    assert answer.status_code == 422
    assert "The permission was not given" in answer.text and "<b>No" not in answer.text


def test_a_permission_without_a_refresh_token_is_refused(administrator, provider):
    provider.set("no_refresh_token", True)
    back = administrator.consent(administrator.save(administrator.add("short@northwind.example")))
    answer = administrator.browser.get(back)
    assert answer.status_code == 422 and "ends within an hour" in answer.text


def test_a_round_trip_that_takes_too_long_is_refused(administrator, monkeypatch):
    monkeypatch.setattr("portal.web.oauth_state.LASTS", dt.timedelta(0))
    back = administrator.consent(administrator.save(administrator.add("late@northwind.example")))
    answer = administrator.browser.get(back)
    assert answer.status_code == 410 and BEGUN in answer.text


def test_the_command_connects_as_an_application(provider, world):
    runner, address = world.app.test_cli_runner(), "typed-oauth@northwind.example"
    add = ["mailbox", "add", world.northwind.host, address, "--microsoft"]
    assert runner.invoke(args=[*add, "example.org"]).exit_code == 1  # no application
    assert runner.invoke(args=[*add, "example.org", "--imap", "imaps://u:p@h.example"]).exit_code == 1
    client = ["--client-id", CLIENT, "--client-secret"]
    assert runner.invoke(args=[*add, "common", *client, SECRET]).exit_code == 1
    added = runner.invoke(args=[*add, "example.org", *client, SECRET])
    assert (added.exit_code, SECRET in added.output) == (0, False)
    assert runner.invoke(args=["mailbox", "check", address]).exit_code == 0
    provider.deliver(simple_mail("By command", to=address), address)
    polled = runner.invoke(args=["mailbox", "poll", "--once"])
    assert polled.output == f"{address}: 2 taken in\n"
    provider.revoke()
    provider.fault("token", status=400, error="invalid_client")
    polled = runner.invoke(args=["mailbox", "poll", "--once"])
    assert (polled.exit_code, "does not accept the application" in polled.output) == (1, True)
