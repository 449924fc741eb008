"""Sending a finished mail through the SMTP server of SMTP_URL. Other modules decide text and recipients."""

import datetime as dt
import smtplib
import socket
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


# (context, moment) → whether mails of before the moment may still be unread; features that read mailboxes register it.
ReadingCheck = Callable[[Any, dt.datetime], bool]
_reading_checks: tuple[ReadingCheck, ...] = ()


def set_reading_checks(checks: Iterable[ReadingCheck]) -> None:
    """Let *checks* say whether mailboxes have not been read past a moment."""
    global _reading_checks
    _reading_checks = tuple(checks)


def is_reading_behind(ctx: Any, moment: dt.datetime) -> bool:
    """Whether a mail of before *moment* may still lie unread in a mailbox of the provider of *ctx*."""
    return any(check(ctx, moment) for check in _reading_checks)


@dataclass(frozen=True, slots=True)
class MailTransport:
    """From whom a mail comes, and the server through which it goes out. *address*: '' for the installation's own;
    *name*: '' for the provider's. *send* raises MailRefused or MailNotSent; None: through SMTP_URL."""

    address: str = ""
    send: Callable[[EmailMessage], None] | None = None
    name: str = ""
    # The way out, which may have a fault: the id of the mailbox; None for SMTP_URL under the installation's address.
    way: Any = None


# (context, case or None, whether staff read it) → from whom mails about the case come, and through which server.
TransportFinder = Callable[[Any, Any, bool], MailTransport]
_find_transport: TransportFinder | None = None


def set_transport_finder(find: TransportFinder | None) -> None:
    """Let *find* choose the server for mails."""
    global _find_transport
    _find_transport = find


def find_transport(ctx: Any, case: Any, *, to_staff: bool = False) -> MailTransport:
    """From whom mails about *case* (None: about none) come, and the server for them."""
    return _find_transport(ctx, case, to_staff) if _find_transport is not None else MailTransport()


# How long a server that has taken a mail may take to say goodbye.
LEAVE_SECONDS = 2.0


# Faults of a way out that pass by themselves hardly ever: somebody must change something.
LASTING_FAULTS = frozenset(
    {
        *("password", "secret", "address", "internal_host", "unknown_host", "consent", "no_consent", "client"),
        *("access", "certificate", "no_tls", "no_sign_in", "sender"),
    }
)


class MailNotSent(Exception):
    """The way out has a fault: no mail goes out on it now. *code* names it (`channels.mail.labels` has its sentence);
    *retry_after*: how long the server wants to be left alone, if it says so."""

    def __init__(self, words: str = "", retry_after: dt.timedelta | None = None, code: str = "unexpected") -> None:
        super().__init__(words)
        self.retry_after = retry_after
        self.code = code


class MailRefused(MailNotSent):
    """The server refused this mail for good (a 5xx answer): trying again would not help."""


class MailPostponed(MailNotSent):
    """The server works, but does not take this mail now (a 4xx answer to it): others may be taken."""


class MailInterrupted(MailNotSent):
    """The server went away while it took this mail: that may be the mail's fault, or that of the way."""


def send_mail(smtp_url: str, message: EmailMessage, *, timeout: float = 10) -> None:
    """Send *message* through `smtp://[user:password@]host[:port]` (STARTTLS where offered) or `smtps://…`.

    Raises MailNotSent (MailRefused, MailPostponed, MailInterrupted where it is about this mail) with the server's
    words; never more than *timeout* seconds a step.
    """
    try:
        client = _connect(smtp_url, timeout)
    except (smtplib.SMTPException, OSError, ValueError) as problem:
        raise MailNotSent(_describe_failure(problem), code=_name_fault(problem)) from problem
    try:
        client.send_message(message)
    except BaseException as problem:
        client.close()
        if not isinstance(problem, smtplib.SMTPException | OSError | ValueError):
            raise
        raise _failure_kind(problem)(_describe_failure(problem), code=_name_fault(problem)) from problem

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
    """What a failure says that came while a mail was handed over."""
    if is_about_the_way(problem):
        return MailNotSent
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        final = all(code >= 500 for code, _text in problem.recipients.values())
    elif isinstance(problem, smtplib.SMTPResponseException):
        final = problem.smtp_code >= 500
    elif isinstance(problem, smtplib.SMTPNotSupportedError | UnicodeError):
        final = True
    else:
        return MailInterrupted
    return MailRefused if final else MailPostponed


# An answer to MAIL FROM that is about the size of the mail.
_TOO_LARGE = 552


def is_about_the_way(problem: Exception) -> bool:
    """Whether an answer to a mail would be the answer to any other: the server closes (421), wants a sign-in (530), or
    lets nobody send from this address (5xx to MAIL FROM)."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _text in problem.recipients.values()}
        return bool(codes & {421, 530})
    if isinstance(problem, smtplib.SMTPSenderRefused):
        return problem.smtp_code in (421, 530) or (problem.smtp_code >= 500 and problem.smtp_code != _TOO_LARGE)
    return isinstance(problem, smtplib.SMTPResponseException) and problem.smtp_code in (421, 530)


def _name_fault(problem: Exception) -> str:
    """The code of a fault of SMTP_URL."""
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return "password" if problem.smtp_code >= 500 else "busy"
    if isinstance(problem, smtplib.SMTPSenderRefused) and problem.smtp_code not in (421, 530):
        return "sender"
    kinds: list[tuple[type[Exception], str]] = [
        (ssl.SSLCertVerificationError, "certificate"),
        (ssl.SSLError, "tls"),
        (socket.gaierror, "unknown_host"),
        (TimeoutError, "timeout"),
        (smtplib.SMTPServerDisconnected, "dropped"),
        (smtplib.SMTPNotSupportedError, "no_sign_in"),
        (smtplib.SMTPRecipientsRefused, "busy"),
        (smtplib.SMTPResponseException, "busy"),
        (smtplib.SMTPException, "protocol"),
        (OSError, "unreachable"),
    ]
    return next((code for kind, code in kinds if isinstance(problem, kind)), "address")


def _describe_failure(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        answers = (f"{code} {text.decode('utf-8', 'replace')}" for code, text in problem.recipients.values())
        return "; ".join(answers)
    if isinstance(problem, smtplib.SMTPResponseException):
        text = problem.smtp_error
        return f"{problem.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
    return f"{type(problem).__name__}: {problem}"
