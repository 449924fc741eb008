"""Sending through the server of a mailbox, so that mails come from the address that people write to."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from portal.cases.models import Case
from portal.channels.mail.actions import connections
from portal.channels.mail.queries.mailboxes import find_connection
from portal.channels.mail.queries.threads import choose_mailbox
from portal.channels.mail.servers import smtp
from portal.channels.mail.servers.failures import MailServerFailure
from portal.kernel.context import Context
from portal.kernel.mail import MailNotSent, MailRefused, MailTransport


def find_transport(ctx: Context, case: Case | None) -> MailTransport | None:
    """The server of the mailbox that mails about *case* come from; None where it has none of its own."""
    box = choose_mailbox(ctx, case)
    connection = find_connection(ctx, box) if box is not None else None
    if box is None or connection is None or not connection.smtp_url:
        return None
    try:
        server = connections.smtp_server(connection)
    except MailServerFailure as failure:
        return MailTransport(box.address, _fail_with(failure))
    assert server is not None

    def send(message: EmailMessage) -> None:
        user = server.address.user
        sign_in = smtp.sign_in_with_password(user, server.password) if user else None
        try:
            smtp.send_message(server.address, sign_in, message)
        except MailServerFailure as problem:
            raise _as_mail_error(problem) from problem

    return MailTransport(box.address, send)


def _fail_with(failure: MailServerFailure) -> Callable[[EmailMessage], Any]:
    def send(_message: EmailMessage) -> None:
        raise _as_mail_error(failure)

    return send


def _as_mail_error(failure: MailServerFailure) -> MailNotSent:
    return (MailRefused if failure.code == "refused" else MailNotSent)(f"{failure.code} {failure.words}".strip())
