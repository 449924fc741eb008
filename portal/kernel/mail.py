"""Sending a finished mail through the SMTP server of SMTP_URL. Other modules decide text and recipients."""

import smtplib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

# Whether somebody reads the mailboxes of a provider; features that do register theirs.
_reads_mail: tuple[Callable[[Any], bool], ...] = ()


def set_mail_readers(readers: Iterable[Callable[[Any], bool]]) -> None:
    """Let *readers* say, given a context, whether a mailbox of its provider is read."""
    global _reads_mail
    _reads_mail = tuple(readers)


def is_mail_read(ctx: Any) -> bool:
    """Whether answers to mails of the provider of *ctx* arrive. False as long as no feature reads mailboxes."""
    return any(reads(ctx) for reads in _reads_mail)


@dataclass(frozen=True, slots=True)
class MailTransport:
    """A server through which mails from *address* go out. *send* raises MailRefused or MailNotSent."""

    address: str
    send: Callable[[EmailMessage], None]


# (context, case or None) → the server of its own through which mails about the case go out; None for SMTP_URL.
TransportFinder = Callable[[Any, Any], MailTransport | None]
_find_transport: TransportFinder | None = None


def set_transport_finder(find: TransportFinder | None) -> None:
    """Let *find* choose the server for mails."""
    global _find_transport
    _find_transport = find


def find_transport(ctx: Any, case: Any) -> MailTransport | None:
    """The server for mails about *case* (None: about none); None for SMTP_URL."""
    return _find_transport(ctx, case) if _find_transport is not None else None


# How long a server that has taken a mail may take to say goodbye.
LEAVE_SECONDS = 2.0


class MailNotSent(Exception):
    """The server could not be reached or refused for now; the mail stays owed."""


class MailRefused(MailNotSent):
    """The server refused this mail for good (a 5xx answer): trying again would not help."""


class MailPostponed(MailNotSent):
    """The server works, but does not take this mail now (a 4xx answer to it): others may be taken."""


def send_mail(smtp_url: str, message: EmailMessage, *, timeout: float = 10) -> None:
    """Send *message* through `smtp://[user:password@]host[:port]` (STARTTLS where offered) or `smtps://…`.

    Raises MailRefused, MailPostponed or MailNotSent with the server's words; never more than *timeout* seconds a step.
    """
    try:
        client = _connect(smtp_url, timeout)
        try:
            client.send_message(message)
        except BaseException:
            client.close()
            raise
    except (smtplib.SMTPException, OSError, ValueError) as problem:
        raise _failure_kind(problem)(_describe_failure(problem)) from problem

    _take_leave(client)


def _take_leave(client: smtplib.SMTP) -> None:
    """End the session. The server has taken the mail: whatever it does now, the mail is not sent again."""
    try:
        if client.sock is not None:
            client.sock.settimeout(LEAVE_SECONDS)
        client.quit()
    except (smtplib.SMTPException, OSError, ValueError):
        pass
    finally:
        client.close()


def _connect(smtp_url: str, timeout: float) -> smtplib.SMTP:
    url = urlsplit(smtp_url)
    host = url.hostname or "127.0.0.1"
    client: smtplib.SMTP
    if url.scheme == "smtps":
        client = smtplib.SMTP_SSL(host, url.port or 465, timeout=timeout, context=ssl.create_default_context())
    else:
        client = smtplib.SMTP(host, url.port or 25, timeout=timeout)
    try:
        if url.scheme != "smtps":
            client.ehlo()
            if client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
        if url.username:
            client.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        client.close()
        raise
    return client


def _failure_kind(problem: Exception) -> type[MailNotSent]:
    if _is_final(problem):
        return MailRefused
    codes = [problem.smtp_code] if isinstance(problem, smtplib.SMTPSenderRefused | smtplib.SMTPDataError) else []
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in problem.recipients.values()]
    # 421: the server closes the connection, to whatever mail.
    return MailPostponed if codes and 421 not in codes else MailNotSent


def _is_final(problem: Exception) -> bool:
    """Whether the answer refuses this mail for good. A refused login does not count, because it can be corrected."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in problem.recipients.values())
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return False
    if isinstance(problem, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return problem.smtp_code >= 500
    return isinstance(problem, smtplib.SMTPNotSupportedError | UnicodeError)


def _describe_failure(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        answers = (f"{code} {text.decode('utf-8', 'replace')}" for code, text in problem.recipients.values())
        return "; ".join(answers)
    if isinstance(problem, smtplib.SMTPResponseException):
        text = problem.smtp_error
        return f"{problem.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
    return f"{type(problem).__name__}: {problem}"
