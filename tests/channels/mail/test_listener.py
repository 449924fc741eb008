"""The LMTP and SMTP listener over loopback: one answer a recipient, and 451 when a mail should be tried again."""

import smtplib
from collections.abc import Iterator

import pytest

from engines.supervisor import free_port
from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.listener import build_controller, parse_listen
from portal.kernel import ids
from portal.kernel.actor import Id
from tests.channels.mail.messages import raw

PROVIDERS = {"a.example": ids.new_id(), "b.example": ids.new_id()}


class Intake:
    """In place of intake: notes what arrives, and fails when it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, str, list[str]]] = []
        self.providers: list[Id] = []
        self.fails = False

    def take(self, content: bytes, road: str, recipients: list[str], provider_id: Id) -> dict[str, str]:
        if self.fails:
            raise ConnectionError("no database")
        self.taken.append((content, road, recipients))
        self.providers.append(provider_id)
        return {"fate": "case"}

    def find(self, address: str) -> Id | None:
        return PROVIDERS[address.rpartition("@")[2]] if address.startswith("support") else None


@pytest.fixture(params=["lmtp", "smtp"])
def served(request) -> Iterator[tuple[Intake, smtplib.SMTP]]:
    intake, port = Intake(), free_port()
    controller = build_controller(f"{request.param}://127.0.0.1:{port}", intake.take, intake.find)
    controller.start()
    client = smtplib.LMTP("127.0.0.1", port) if request.param == "lmtp" else smtplib.SMTP("127.0.0.1", port)
    yield intake, client
    client.close()
    controller.stop()


def test_a_mail_is_taken_in_with_its_recipients(served):
    intake, client = served
    refused = client.sendmail("rita@acme.example", ["support@a.example", "support+x@a.example"], raw("Subject: One"))
    assert refused == {}
    roads = {
        "smtp": [["support@a.example", "support+x@a.example"]],
        "lmtp": [["support@a.example"], ["support+x@a.example"]],
    }
    assert [recipients for _content, _road, recipients in intake.taken] == roads[intake.taken[0][1]]
    assert intake.taken[0][0].startswith(b"Subject: One")


def test_each_recipient_of_a_mail_is_that_of_its_own_provider(served):
    """What the mail before it was about says nothing of the next one on the same connection."""
    intake, client = served
    client.sendmail("rita@acme.example", [f"support@{one}.example" for one in ("a", "b")], raw(""))
    first = ["a", "b"] if intake.taken[0][1] == "lmtp" else ["a"]
    for _second_answer in first[1:]:
        client.getreply()
    for domain in ("b", "a"):
        client.sendmail("rita@acme.example", [f"support@{domain}.example"], raw(""))
    assert intake.providers == [PROVIDERS[f"{one}.example"] for one in (*first, "b", "a")]


def test_unknown_recipients_are_refused(served):
    intake, client = served
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("rita@acme.example", ["nobody@a.example"], raw(""))
    assert client.sendmail("rita@acme.example", ["support@a.example", "nobody@a.example"], raw("")).keys() == {
        "nobody@a.example"
    }
    assert len(intake.taken) == 1


def test_a_failure_lets_the_server_try_again(served):
    intake, client = served
    intake.fails = True
    client.ehlo_or_helo_if_needed()
    assert client.mail("rita@acme.example")[0] == 250
    assert client.rcpt("support@a.example")[0] == 250
    assert client.data(raw(""))[0] == 451
    intake.fails = False
    assert client.sendmail("rita@acme.example", ["support@a.example"], raw("")) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: Long\r\n\r\n" + b"x" * 3_000 + b"\r\nEnd\r\n",
        b"Subject: " + b"y" * 12_000 + b"\r\n\r\nText\r\n",
        b"Subject: One line\r\n\r\n" + b"." * 3_000_000 + b"\r\nEnd\r\n",
    ],
    ids=["body", "subject", "dots"],
)
def test_long_lines_are_taken_in_as_they_are(served, content):
    intake, client = served
    assert client.sendmail("rita@acme.example", ["support@a.example"], content) == {}
    assert [taken for taken, _road, _recipients in intake.taken] == [content]


def test_one_line_longer_than_a_mail_may_be_is_refused_for_good(served):
    intake, client = served
    client.ehlo_or_helo_if_needed()
    client.mail("rita@acme.example")
    client.rcpt("support@a.example")
    assert client.data(b"Subject: Large\r\n\r\n" + b"x" * LIMITS.message_bytes + b"\r\n")[0] in (500, 552)
    assert client.docmd("x" * 2_000)[0] == 500  # a command is as short as before
    assert client.sendmail("rita@acme.example", ["support@a.example"], raw("Subject: Next")) == {}
    assert len(intake.taken) == 1


def test_a_bounce_has_no_sender(served):
    _intake, client = served
    assert client.sendmail("", ["support@a.example"], raw("")) == {}


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:2424", ("lmtp", "127.0.0.1", 2424)),
        ("lmtp://mail:24", ("lmtp", "mail", 24)),
        ("smtp://127.0.0.1:2525", ("smtp", "127.0.0.1", 2525)),
    ],
)
def test_what_mail_listen_says(listen, expected):
    assert parse_listen(listen) == expected
