"""Sending one mail through the SMTP server of a mailbox."""

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Any

from portal.channels.mail.servers.address import ServerAddress
from portal.channels.mail.servers.failures import MailServerFailure, naming_network_failures
from portal.kernel import outward
from portal.kernel.mail import is_about_the_way

SECONDS = 15.0
Authenticate = Callable[[smtplib.SMTP], Any]


class GuardedSmtp:
    """The checked connection, for both kinds of client."""

    def _open_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return outward.connect(host, port, timeout or SECONDS)


class SmtpClient(GuardedSmtp, smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._open_socket(host, port, timeout)


class SmtpTlsClient(GuardedSmtp, smtplib.SMTP_SSL):
    context: ssl.SSLContext

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(self._open_socket(host, port, timeout), server_hostname=host)


def send_message(
    address: ServerAddress, authenticate: Authenticate | None, message: EmailMessage, *, refused: str = "password"
) -> None:
    """Send *message* through *address*. Raises MailServerFailure: code 'refused' where the server refuses this mail,
    'postponed' where it does not take it now, 'sender' where it lets nobody send from its address, and *refused* where
    it does not let us in."""
    with open_sender(address, authenticate, refused=refused) as client:
        try:
            with _naming_failures("refused"):
                client.send_message(message)
        except MailServerFailure as failure:
            failure.about_mail = failure.code not in ("busy", "sender")
            raise


def sign_in_with_password(user: str, password: str) -> Authenticate:
    """Sign in by SASL PLAIN, which takes any letters, or else by whatever the server offers."""

    def authenticate(client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        if "PLAIN" not in client.esmtp_features.get("auth", "").split():
            client.login(user, password)
            return
        answer = client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode())
        if answer[0] != 235:
            raise smtplib.SMTPAuthenticationError(*answer)

    return authenticate


def sign_in_with_token(user: str, token: str) -> Authenticate:
    """Sign in by SASL XOAUTH2."""

    def authenticate(client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        text = base64.b64encode(f"user={user}\1auth=Bearer {token}\1\1".encode()).decode()
        answer = client.docmd("AUTH", f"XOAUTH2 {text}")
        if answer[0] == 334:  # the server says why it refuses, and waits for an empty answer
            answer = client.docmd("")
        if answer[0] != 235:
            raise smtplib.SMTPAuthenticationError(*answer)

    return authenticate


@contextmanager
def open_sender(
    address: ServerAddress, authenticate: Authenticate | None, *, refused: str = "password"
) -> Iterator[smtplib.SMTP]:
    """A signed-in client. Raises MailServerFailure with the first thing that does not work."""
    with naming_network_failures(), _naming_failures("protocol"):
        client = _connect(address)
    try:
        if authenticate is not None:
            with _naming_failures(refused):
                authenticate(client)
        yield client
    finally:
        with suppress(Exception):  # the mail was accepted or not, whatever follows
            client.quit()
        client.close()


def _connect(address: ServerAddress) -> smtplib.SMTP:
    if address.begins_with_tls:
        return SmtpTlsClient(address.host, address.port, timeout=SECONDS, context=ssl.create_default_context())
    client = SmtpClient(address.host, address.port, timeout=SECONDS)
    try:
        client.ehlo()
        assert client.sock is not None
        if not outward.stays_here(client.sock):
            if not client.has_extn("starttls"):
                raise MailServerFailure("no_tls")
            client.starttls(context=ssl.create_default_context())
            client.ehlo()
    except BaseException:
        client.close()
        raise
    return client


@contextmanager
def _naming_failures(refused: str) -> Iterator[None]:
    """Raise MailServerFailure for the errors of smtplib; *refused* is the code of a refusal."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as problem:
        # 4xx: the server cannot tell now.
        code = refused if problem.smtp_code >= 500 else "busy"
        raise MailServerFailure(code, _text(problem)) from problem
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as problem:
        raise MailServerFailure(_name_answer(problem, refused), _text(problem)) from problem
    except smtplib.SMTPNotSupportedError as problem:
        raise MailServerFailure("no_sign_in", str(problem)) from problem
    except smtplib.SMTPServerDisconnected as problem:
        raise MailServerFailure("dropped", str(problem)) from problem
    except smtplib.SMTPException as problem:
        raise MailServerFailure("protocol", _text(problem)) from problem
    except (outward.UnknownHost, outward.InternalHost, ssl.SSLError):
        raise
    except TimeoutError as problem:
        raise MailServerFailure("timeout", str(problem)) from problem


def _name_answer(problem: smtplib.SMTPException, refused: str) -> str:
    """The code of an answer to a mail."""
    if is_about_the_way(problem):
        return "busy" if "421" in _text(problem).split() else "sender"
    return refused if _is_final(problem) else "postponed"


def _is_final(problem: smtplib.SMTPException) -> bool:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _said in problem.recipients.values())
    return getattr(problem, "smtp_code", 500) >= 500


def _text(problem: Any) -> str:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        answers: list[Any] = list(problem.recipients.values())
    else:
        answers = [(getattr(problem, "smtp_code", 0), getattr(problem, "smtp_error", str(problem)))]
    return "; ".join(f"{code or ''} {_decode(text)}".strip() for code, text in answers)


def _decode(text: Any) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
