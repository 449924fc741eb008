"""A real Dovecot, and an SMTP server that delivers through it, for the tests of mailboxes."""

from collections.abc import Iterator

import pytest

from tests.support.dovecot import Dovecot, MailServer, require_dovecot


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    require_dovecot()
    made = Dovecot()
    yield made
    made.close()


@pytest.fixture
def mail_server(dovecot: Dovecot) -> Iterator[MailServer]:
    made = MailServer(dovecot)
    yield made
    made.close()
