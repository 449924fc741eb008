"""Sending through the server of a mailbox, so that mails come from the address that people write to."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from portal.cases.models import Case
from portal.channels.mail.actions.connections import read_account
from portal.channels.mail.mailbox_access import send_message
from portal.channels.mail.queries.mailboxes import find_connection
from portal.channels.mail.queries.threads import choose_mailbox, find_sender
from portal.channels.mail.servers.failures import MailServerFailure
from portal.kernel.context import Context
from portal.kernel.mail import MailInterrupted, MailNotSent, MailPostponed, MailRefused, MailTransport


def find_transport(ctx: Context, case: Case | None, to_staff: bool = False) -> MailTransport:
    """From whom mails about *case* come, and the server of their mailbox. A mailbox without a server of its own is the
    sender only where an account has chosen it: its test went out through SMTP_URL."""
    sender = find_sender(ctx, case, to_staff=to_staff)
    box = choose_mailbox(ctx, case, sender)
    connection = find_connection(ctx, box) if box is not None else None
    if box is None or connection is None or not connection.sends_itself:
        is_chosen = box is not None and sender.works and box.id == sender.mailbox_id
        if box is None or not is_chosen:
            return MailTransport(name=sender.name)
        return MailTransport(box.address, None, sender.name, box.id)
    try:
        account = read_account(box, connection)
    except MailServerFailure as failure:
        return MailTransport(box.address, _fail_with(failure), sender.name, box.id)

    def send(message: EmailMessage) -> None:
        try:
            send_message(account, message)
        except MailServerFailure as problem:
            raise _as_mail_error(problem) from problem

    return MailTransport(box.address, send, sender.name, box.id)


def _fail_with(failure: MailServerFailure) -> Callable[[EmailMessage], Any]:
    def send(_message: EmailMessage) -> None:
        raise _as_mail_error(failure)

    return send


def _as_mail_error(failure: MailServerFailure) -> MailNotSent:
    words = f"{failure.code} {failure.words}".strip()
    kind = MailNotSent
    if failure.about_mail:
        kind = {"refused": MailRefused, "postponed": MailPostponed}.get(failure.code, MailInterrupted)
    return kind(words, failure.retry_after, failure.code)
