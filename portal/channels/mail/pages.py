"""The way of a mailbox from its address to its first case, as steps that its page shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.channels.mail.labels import failure_sentence
from portal.channels.mail.models import (
    GRAPH,
    IMAP,
    PASSWORD,
    TEST_STEPS,
    Mailbox,
    MailboxConnection,
    MailboxTest,
    MailboxToken,
)
from portal.channels.mail.queries.mailboxes import read_server_addresses
from portal.channels.mail.servers.failures import CONSENT_ENDED
from portal.channels.mail.servers.services import service_of


@dataclass(frozen=True, slots=True)
class MailboxStep:
    """One step. *state*: 'done', 'now' (it runs, or is the next), 'failed', or '' (not its turn yet). *words*: what a
    server said. *comes_first*: nothing else can be done before."""

    title: str
    text: str
    state: str
    words: str = ""
    href: str = ""
    action: str = ""
    comes_first: bool = False


def list_steps(
    box: Mailbox,
    connection: MailboxConnection | None,
    test: MailboxTest | None,
    token: MailboxToken | None,
    *,
    has_taken_mail: bool,
) -> list[MailboxStep]:
    """The steps of *box* in their order. *test* is its newest one; *token* what a service gave for it."""
    steps = [_arrival_step(box, connection)]
    if connection is not None and connection.needs_consent:
        steps.append(_consent_step(box, connection, token))
    steps += _test_steps(box, connection, test)
    first = MailboxStep(
        _("First email"),
        _("An email has become a case or a reply.")
        if has_taken_mail
        else _("Write to %(address)s from the address of a contact. It becomes a case.", address=box.address),
        "done" if has_taken_mail else "now" if box.state == "on" else "",
    )
    return [*steps, first]


def _arrival_step(box: Mailbox, connection: MailboxConnection | None) -> MailboxStep:
    title, href = _("How email arrives"), f"/admin/mailboxes/{box.id}/connection"
    if connection is None:
        text = _("Your mail server passes it on by LMTP, or by the command flask mail receive.")
        return MailboxStep(title, text, "done", href=href, action=_("Read it by IMAP"))
    if connection.sign_in != PASSWORD:
        href = f"/admin/mailboxes/{box.id}/{service_of(connection.sign_in)}"
    problem = describe_stored_problem(connection)
    text = problem or _describe_servers(connection)
    return MailboxStep(title, text, "failed" if problem else "done", href=href, action=_("Change"))


def _consent_step(box: Mailbox, connection: MailboxConnection, token: MailboxToken | None) -> MailboxStep:
    title, href = _("Permission"), f"/admin/mailboxes/{box.id}/{service_of(connection.sign_in)}"
    if token is None:
        text = _("Somebody signs in with %(address)s and gives the permission.", address=box.address)
        return MailboxStep(title, text, "now", href=href, action=_("Connect"), comes_first=True)
    if token.ended_at is not None:
        text = failure_sentence("consent")
        return MailboxStep(title, text, "failed", href=href, action=_("Connect again"), comes_first=True)
    return MailboxStep(title, _("The mailbox may be read, and may send."), "done")


def find_consent_href(box: Mailbox, connection: MailboxConnection | None) -> str:
    """The page where the permission is given again, where its end is what is wrong; '' otherwise."""
    if connection is None or not connection.needs_consent or connection.failure not in CONSENT_ENDED:
        return ""
    return f"/admin/mailboxes/{box.id}/{service_of(connection.sign_in)}"


def describe_stored_problem(connection: MailboxConnection | None) -> str:
    """The sentence of stored servers that cannot be read; '' where they can."""
    try:
        if connection is not None and connection.protocol == IMAP:
            read_server_addresses(connection)
    except ValueError:
        return failure_sentence("address")
    return ""


def _describe_servers(connection: MailboxConnection) -> str:
    if connection.protocol == GRAPH:
        return _("Microsoft 365, by Microsoft Graph.")
    reads, sends = read_server_addresses(connection)
    if sends is None:
        return _("Read from %(imap)s; sent through the server of this installation.", imap=reads.host)
    return _("Read from %(imap)s; sent through %(smtp)s.", imap=reads.host, smtp=sends.host)


def _test_steps(box: Mailbox, connection: MailboxConnection | None, test: MailboxTest | None) -> Iterator[MailboxStep]:
    reached = _reached_step(box, test)
    titles = {
        "read": (_("Sign in"), _("The server lets us in, and the folder opens.")),
        "send": (_("Send an email"), _("A test email goes out from the mailbox to itself.")),
        "return": (_("The email comes back"), _("The test email arrives in this mailbox. Then the mailbox is on.")),
    }
    for number, step in enumerate(TEST_STEPS):
        if step == "read" and connection is None:
            continue
        title, text = titles[step]
        if test is not None and test.state == "failed" and test.failed_step == step:
            yield MailboxStep(title, failure_sentence(test.failure), "failed", test.failure_words)
        elif step == "read" and connection is not None and _cannot_read(connection, test):
            yield MailboxStep(title, failure_sentence(connection.failure), "failed")
        else:
            state = "done" if number < reached else "now" if number == reached and test and test.is_open else ""
            yield MailboxStep(title, text, state)


def _cannot_read(connection: MailboxConnection, test: MailboxTest | None) -> bool:
    """Whether the server let us in once, and does not now. A permission that ended has a step of its own."""
    is_tested_now = test is not None and test.is_open
    return bool(connection.failure) and connection.failure not in CONSENT_ENDED and not is_tested_now


def _reached_step(box: Mailbox, test: MailboxTest | None) -> int:
    """How many of TEST_STEPS are done."""
    if test is None:
        return len(TEST_STEPS) if box.proven_at else 0
    if test.state == "failed":
        return TEST_STEPS.index(test.failed_step)
    return {"waiting": 0, "sent": 2, "returned": len(TEST_STEPS)}[test.state]
