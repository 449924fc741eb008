"""The portal of one preset, served to a real Chromium: what the seeds' texts are walked through on.

A journey says `PRESET = "…"` and is one test: its chapters share one portal and follow the order of the seed's text.
"""

import json
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Browser

from portal.notifications.models import OutgoingMail
from tests.browser.conftest import visiting
from tests.presets.conftest import Portal, opened


@pytest.fixture(scope="module")
def portal(live: Any, request: pytest.FixtureRequest) -> Portal:
    """The portal of the module's PRESET with its people and no cases."""
    return opened(live, request.module.PRESET)


@pytest.fixture
def visit(chromium: Browser, server: str, portal: Portal) -> Iterator[Any]:
    """Pages of that portal; people by their key in demo.toml."""
    base = f"http://{portal.host}:{server.rpartition(':')[2]}"
    with visiting(chromium, base, portal.emails.__getitem__) as open_as:
        yield open_as


@pytest.fixture
def mails(portal: Portal) -> Any:
    """`mails("user")` → the mails that this person was sent, newest last; everything due is done before."""

    def sent_to(who: str) -> list[OutgoingMail]:
        while portal.live.work_due():
            pass
        found = portal.rows(OutgoingMail, OutgoingMail.recipient == portal.emails[who])
        return sorted(found, key=lambda mail: mail.id)

    return sent_to


@pytest.fixture
def writes_mail(portal: Portal) -> Any:
    """`writes_mail("user", "Subject", "Text", to="support@…")` → the key of the case in which the mail arrived; with
    `answers=mail` it answers that mail, from a mail program. The provider's own mail server vouches for the sender."""
    flask = portal.live.app.test_cli_runner()

    def write(who: str, subject: str, text: str, *, to: str, answers: OutgoingMail | None = None) -> str:
        if to not in known:
            added = flask.invoke(args=["mailbox", "add", portal.host, to])
            assert added.exit_code == 0, added.output
            known.append(to)
        sender = portal.emails[who]
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"] = f"<{len(told_apart)}@{sender.partition('@')[2]}>"
        told_apart.append(subject)
        passed = f"dmarc=pass header.from={sender.partition('@')[2]}"
        mail["Authentication-Results"] = f"mx.{to.partition('@')[2]}; {passed}"
        if answers:
            mail["In-Reply-To"] = answers.message_id
            quoted = "".join(f"> {line}\n" for line in answers.text.splitlines())
            text = f"{text}\n\nOn Mon, 30 Nov 2026 at 10:40, Support <{to}> wrote:\n{quoted}"
        mail.set_content(text)
        taken = flask.invoke(args=["mail", "receive"], input=mail.as_bytes())
        assert taken.exit_code == 0, taken.output
        fate = json.loads(taken.stdout.splitlines()[-1])
        assert fate["case"], fate
        return fate["case"]

    known: list[str] = []
    told_apart: list[str] = []
    return write


@pytest.fixture
def told() -> dict[str, str]:
    """What earlier chapters leave to later ones: keys of cases."""
    return {}
