"""Signing in at the servers of a mailbox: with its password, or with a token that is renewed when it ends.

A token is refused once for reasons that pass, so that it is renewed and tried again; refused again it means that the
account may not use the mailbox. Every function raises MailServerFailure.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage

from flask import current_app

from portal.channels.mail.actions import authorizations
from portal.channels.mail.servers import imap, smtp
from portal.channels.mail.servers.accounts import MailAccount
from portal.channels.mail.servers.address import ServerAddress
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.servers.graph import GraphMailbox
from portal.channels.mail.servers.services import ServiceSettings
from portal.channels.mail.system_work import separate_work

# The code of a token that was refused for the first time.
_REFUSED = "token"


def service_settings() -> ServiceSettings:
    """What the settings say about Microsoft 365 and Google."""
    return ServiceSettings.of(current_app.config["PARLEY"])


def fetch_token(account: MailAccount, rejected: str = "") -> str:
    """A token for *account* that is not *rejected*."""
    with separate_work(account.provider_id) as ctx:
        found = authorizations.renew_token(ctx, account.mailbox_id, service_settings(), rejected=rejected)
    if isinstance(found, MailServerFailure):
        raise found
    return found


@contextmanager
def open_imap(account: MailAccount) -> Iterator[imap.ImapFolder]:
    """The folder of *account*, open."""
    assert account.imap is not None
    server = account.imap
    with ExitStack() as stack:
        if account.has_password:
            sign_in = imap.sign_in_with_password(server.address.user, server.password)
            folder = stack.enter_context(imap.open_folder(server.address, sign_in))
        else:
            folder = _open_with_token(stack, account, server.address)
        yield folder


def _open_with_token(stack: ExitStack, account: MailAccount, address: ServerAddress) -> imap.ImapFolder:
    token = fetch_token(account)
    try:
        sign_in = imap.sign_in_with_token(address.user, token)
        return stack.enter_context(imap.open_folder(address, sign_in, refused=_REFUSED))
    except MailServerFailure as failure:
        if failure.code != _REFUSED:
            raise
    sign_in = imap.sign_in_with_token(address.user, fetch_token(account, token))
    return stack.enter_context(imap.open_folder(address, sign_in, refused="access"))


def open_graph(account: MailAccount) -> GraphMailbox:
    """The inbox of *account* at Microsoft Graph; a context manager."""
    return GraphMailbox(service_settings().graph_url, account.address, lambda rejected: fetch_token(account, rejected))


def send_message(account: MailAccount, message: EmailMessage) -> None:
    """Send *message* through a server of *account*; one that has none of its own is not to be asked."""
    if account.smtp is None:
        with open_graph(account) as box:
            box.send(message)
        return
    server = account.smtp
    user = server.address.user
    if account.has_password:
        smtp.send_message(server.address, smtp.sign_in_with_password(user, server.password) if user else None, message)
        return
    token = fetch_token(account)
    try:
        smtp.send_message(server.address, smtp.sign_in_with_token(user, token), message, refused=_REFUSED)
    except MailServerFailure as failure:
        if failure.code != _REFUSED:
            raise
        sign_in = smtp.sign_in_with_token(user, fetch_token(account, token))
        smtp.send_message(server.address, sign_in, message, refused="access")


def find_messages(account: MailAccount, text: str) -> Iterator[bytes]:
    """The messages in the folder of *account* whose subject contains *text*, plain ASCII."""
    if account.imap is None:
        with open_graph(account) as box:
            names = [name for name, subject in box.list_subjects() if text in subject]
            for fetched in map(box.fetch, names):
                if fetched is not None:
                    yield fetched.raw
        return
    with open_imap(account) as folder:
        for fetched in map(folder.fetch, folder.find_subject(text)):
            if fetched is not None:
                yield fetched.raw
