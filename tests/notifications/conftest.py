"""Reading what was told: mails and bells, after the worker's turn."""

import pytest

from portal.identity.models import User
from portal.kernel import mail
from portal.notifications.models import Notification, OutgoingMail


@pytest.fixture
def told(world, run_outbox):
    """`told(case)` is who hears of it at the bell: {(event, name): (side, reason)}."""

    def read(case):
        run_outbox()
        names = {user.id: user.name for user in world.rows(User)}
        events = {event.id: event.name for event in world.events_of(case)}
        return {
            (events[row.event_id], names[row.user_id]): (row.side, row.reason)
            for row in world.rows(Notification, Notification.case_id == case.id)
        }

    return read


@pytest.fixture
def mailed(world, run_outbox):
    """`mailed(case)` are the mails about it, `mailed()` all; by kind and first name of the recipient."""

    def read(case=None):
        run_outbox()
        where = [OutgoingMail.case_id == case.id] if case is not None else []
        return {(row.kind, row.recipient.partition("@")[0]): row for row in world.rows(OutgoingMail, *where)}

    return read


class PostOffice:
    """An SMTP server without a network: `sent` holds what it took; `answer` is what it raises instead."""

    def __init__(self):
        self.sent, self.answer = [], None

    def send(self, _url, message, **_rest):
        if self.answer is not None:
            raise self.answer
        self.sent.append(message)


@pytest.fixture
def post_office(world, monkeypatch):
    """The installation has a mail server, and this is it."""

    office = PostOffice()
    monkeypatch.setattr(mail, "send_mail", office.send)
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", "smtp://127.0.0.1:1")
    return office
