"""The way of a mailbox from its address to its first case, as steps that its page shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.channels.mail.labels import failure_sentence
from portal.channels.mail.models import TEST_STEPS, Mailbox, MailboxConnection, MailboxTest
from portal.channels.mail.queries.mailboxes import read_server_addresses


@dataclass(frozen=True, slots=True)
class MailboxStep:
    """One step. *state*: 'done', 'now' (it runs, or is the next), 'failed', or '' (not its turn yet). *words*: what a
    server said."""

    title: str
    text: str
    state: str
    words: str = ""
    href: str = ""
    action: str = ""


def list_steps(
    box: Mailbox, connection: MailboxConnection | None, test: MailboxTest | None, *, has_taken_mail: bool
) -> list[MailboxStep]:
    """The steps of *box* in their order. *test* is its newest one."""
    steps = [_arrival_step(box, connection), *_test_steps(box, connection, test)]
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
    problem = describe_stored_problem(connection)
    text = problem or _describe_servers(connection)
    return MailboxStep(title, text, "failed" if problem else "done", href=href, action=_("Change"))


def describe_stored_problem(connection: MailboxConnection | None) -> str:
    """The sentence of stored servers that cannot be read; '' where they can."""
    try:
        if connection is not None:
            read_server_addresses(connection)
    except ValueError:
        return failure_sentence("address")
    return ""


def _describe_servers(connection: MailboxConnection) -> str:
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
        else:
            state = "done" if number < reached else "now" if number == reached and test and test.is_open else ""
            yield MailboxStep(title, text, state)


def _reached_step(box: Mailbox, test: MailboxTest | None) -> int:
    """How many of TEST_STEPS are done."""
    if test is None:
        return len(TEST_STEPS) if box.proven_at else 0
    if test.state == "failed":
        return TEST_STEPS.index(test.failed_step)
    return {"waiting": 0, "sent": 2, "returned": len(TEST_STEPS)}[test.state]
