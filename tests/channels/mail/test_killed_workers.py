"""Workers are killed (SIGKILL) while they read and send mail: between storing a mail and its commit, between the commit
and the mark on the server, and between the server's taking a mail and our noting that.

Nothing is lost, nothing is stored twice, and a mail goes out at most twice, under one Message-ID.
"""

from email import message_from_bytes

import pytest

from portal.cases.models import Case
from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.mailboxes import add_mailbox, switch_mailbox
from portal.channels.mail.models import InboundMail, Mailbox
from portal.channels.mail.servers.address import parse_server_url
from portal.notifications.models import OutgoingMail
from tests.channels.mail.test_oauth_mailboxes import OAuthBox
from tests.support.dovecot import simple_mail
from tests.support.identity_provider import RunningProvider
from tests.support.mail_worker import MailWorker

pytestmark = pytest.mark.crash
# A reader that was killed has claimed its mailbox for three minutes.
CLAIM = 200


@pytest.fixture(scope="module")
def provider():
    made = RunningProvider()
    yield made
    made.close()


class KilledBox:
    """A mailbox with real commits, whose workers are processes."""

    def __init__(self, live, folder, road, dovecot, mail_server, provider) -> None:
        self.live, self.folder, self.road = live, folder, road
        self.dovecot, self.mail_server, self.provider = dovecot, mail_server, provider
        self.environment = {
            **live.environment(),
            "MAIL_ACCEPT_UNCHECKED": "1",
            "MICROSOFT_AUTHORITY": provider.url,
            "GRAPH_URL": f"{provider.url}/v1.0",
        }
        with live.inside() as world:
            self._connect(world)

    def _connect(self, world) -> None:
        ctx = world.system()
        if self.road == "graph":
            made = OAuthBox(world, self.provider, "microsoft_app", "graph")
            made.connect()
            self.address, box = made.address, world.row(Mailbox, made.mailbox_id)
        else:
            self.address = f"killed{len(world.rows(Mailbox))}@northwind.example"
            box = add_mailbox(ctx, self.address)
            connect_mailbox(
                ctx,
                box,
                imap=Server(*parse_server_url(self.dovecot.imap_url(self.address), "imap")),
                smtp=Server(*parse_server_url(self.mail_server.url(self.address), "smtp")),
            )
        box.proven_at = ctx.now
        switch_mailbox(ctx, box, on=True)
        self.id = box.id

    def switch_off(self) -> None:
        with self.live.inside() as world:
            switch_mailbox(world.system(), world.row(Mailbox, self.id), on=False)

    def work(self, job, **more) -> MailWorker:
        return MailWorker(self.environment, self.folder, job, **more)

    def deliver(self, *subjects) -> None:
        for subject in subjects:
            raw = simple_mail(subject, to=self.address)
            if self.road == "graph":
                self.provider.deliver(raw, self.address)
            else:
                self.dovecot.deliver(raw, self.address)

    @property
    def unread(self) -> int:
        if self.road == "graph":
            return sum(not one.is_read for one in self.provider.mails(self.address))
        return self.dovecot.count(self.address, "UNSEEN")

    @property
    def stored(self) -> list[tuple[str, str]]:
        with self.live.inside() as world:
            rows = world.rows(InboundMail, InboundMail.mailbox_id == self.id)
            return [(row.subject, row.fate) for row in sorted(rows, key=lambda row: row.id)]

    @property
    def cases(self) -> list[str]:
        with self.live.inside() as world:
            ids = {row.case_id for row in world.rows(InboundMail, InboundMail.mailbox_id == self.id)}
            return sorted(row.subject for row in world.rows(Case) if row.id in ids)

    def hold(self, held: bool) -> None:
        """Let the server take mails, and not say so."""
        self.mail_server.mode = "hold" if held else "deliver"
        self.provider.set("hold_sending", held)

    def sent_about(self, subject) -> list[str]:
        """The Message-IDs of the mails that the server took."""
        raws = (
            self.provider.sent if self.road == "graph" else [one.original_content for one in self.mail_server.accepted]
        )
        mails = [message_from_bytes(raw) for raw in raws]
        return [mail["Message-ID"] for mail in mails if subject in mail["Subject"]]


@pytest.fixture(params=["imap", "graph"])
def box(request, live, tmp_path, dovecot, mail_server, provider, monkeypatch):
    provider.reset()
    monkeypatch.setattr(live.config, "microsoft_authority", provider.url)
    monkeypatch.setattr(live.config, "graph_url", f"{provider.url}/v1.0")
    made = KilledBox(live, tmp_path, request.param, dovecot, mail_server, provider)
    yield made
    made.hold(False)
    made.switch_off()


THREE = [("One", "case"), ("Two", "case"), ("Three", "case")]


def test_killed_between_fetching_a_mail_and_its_commit(box):
    box.deliver("One", "Two", "Three")
    box.work("read", stops="stored", number=2).kill_at_its_point()
    assert box.stored == THREE[:1]
    box.work("read").finish()
    assert box.stored == THREE[:1]  # the dead worker's claim still holds
    box.work("read", later=CLAIM).finish()
    assert box.stored == THREE
    assert box.cases == ["One", "Three", "Two"]
    box.work("read", later=2 * CLAIM).finish()
    assert box.stored == THREE


def test_killed_between_the_commit_and_the_mark(box):
    box.deliver("One", "Two", "Three")
    box.work("read", stops="committed").kill_at_its_point()
    assert (box.stored, box.unread) == (THREE, 3)
    box.deliver("Four")
    box.work("read", later=CLAIM).finish()
    assert box.stored == [*THREE, ("Four", "case")]
    assert box.cases == ["Four", "One", "Three", "Two"]


def test_killed_between_sending_a_mail_and_the_commit(box):
    with box.live.inside() as world:
        case_id = world.open_case(by="rita", subject="Killed while sending").id
    box.work("send").finish()
    before = len(box.sent_about("Killed while sending"))
    with box.live.inside() as world:
        world.answer(world.row(Case, case_id), "Is it switched on?")
    box.hold(True)
    worker = box.work("send")
    worker.wait_for(lambda: len(box.sent_about("Killed while sending")) > before)
    worker.kill()
    box.hold(False)
    with box.live.inside() as world:
        [row] = world.rows(OutgoingMail, OutgoingMail.kind == "answered", OutgoingMail.case_id == case_id)
        assert (row.state, row.attempts) == ("queued", 0)
    box.work("send", later=60).finish()
    with box.live.inside() as world:
        [row] = world.rows(OutgoingMail, OutgoingMail.kind == "answered", OutgoingMail.case_id == case_id)
        assert (row.state, row.attempts) == ("sent", 1)
        message_id = row.message_id
    assert box.sent_about("Killed while sending")[before:] == [message_id] * 2
    box.work("send", later=120).finish()
    assert len(box.sent_about("Killed while sending")) == before + 2
