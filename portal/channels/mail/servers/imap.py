"""Reading one folder of an IMAP server: UIDs, whole messages within a limit, and the mark that one was read."""

import datetime as dt
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.servers.address import ServerAddress
from portal.channels.mail.servers.failures import MailServerFailure, naming_network_failures
from portal.kernel import outward

SECONDS = 20.0
# One byte more than the largest mail, so that intake sees that it is too large.
_LARGEST = LIMITS.message_bytes + 1
# A server that sends more than was asked for is not read to its end.
_SLACK = 1_000_000
_DATE = re.compile(rb'INTERNALDATE "[^"]+"')
_UID = re.compile(rb"\bUID (\d+)")
# The server is busy; the password is not the reason.
_BUSY = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")

Authenticate = Callable[["imaplib.IMAP4"], Any]


@dataclass(frozen=True, slots=True)
class FolderState:
    """What a folder says of itself: while *uid_validity* is the same, a UID means the same message."""

    uid_validity: int
    uid_next: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """A message as the server keeps it, cut after the largest size; when the server received it, if it says so."""

    raw: bytes
    received_at: dt.datetime | None


class BoundedImap:
    """What both kinds of client share: the checked connection, and no larger literal than was asked for."""

    host: str
    port: int

    def _open_socket(self, timeout: float | None) -> socket.socket:
        return outward.connect(self.host, self.port, timeout or SECONDS)

    def read(self, size: int) -> bytes:
        if size > _LARGEST + _SLACK:
            raise imaplib.IMAP4.abort("the server sends more than was asked for")
        return super().read(size)  # type: ignore[misc]


class ImapClient(BoundedImap, imaplib.IMAP4):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._open_socket(timeout)


class ImapTlsClient(BoundedImap, imaplib.IMAP4_SSL):
    ssl_context: ssl.SSLContext

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self.ssl_context.wrap_socket(self._open_socket(timeout), server_hostname=self.host)


class ImapFolder:
    """An open folder. Every method raises MailServerFailure."""

    def __init__(self, client: imaplib.IMAP4, state: FolderState) -> None:
        self._client = client
        self.state = state

    def find_uids(self, first: int, last: int, *, unread: bool = False) -> list[int]:
        """The UIDs from *first* to *last* in order; with *unread* of messages that nobody has read."""
        return self._search("UID", f"{first}:{last}", *(["UNSEEN"] if unread else []))

    def find_subject(self, text: str) -> list[int]:
        """The UIDs of messages with *text*, plain ASCII, in the subject."""
        return self._search("SUBJECT", f'"{text}"')

    def _search(self, *criteria: str) -> list[int]:
        found: list[Any] = self._command("SEARCH", *criteria)
        return sorted(int(number) for line in found if line for number in line.split())

    def fetch(self, uid: int) -> FetchedMail | None:
        """The message *uid*, which stays unread; None where it is no longer there."""
        answer = self._command("FETCH", str(uid), f"(UID INTERNALDATE BODY.PEEK[]<0.{_LARGEST}>)")
        pairs = [(index, part) for index, part in enumerate(answer) if isinstance(part, tuple)]
        for index, (head, raw) in pairs:
            tail = answer[index + 1] if index + 1 < len(answer) and isinstance(answer[index + 1], bytes) else b""
            said = head + b" " + tail
            number = _UID.search(said)
            if number and int(number[1]) == uid:
                return FetchedMail(raw, _received_at(said))
        return None

    def mark_read(self, uids: Sequence[int]) -> None:
        """Mark *uids* as read; nothing where the folder cannot be written to."""
        for start in range(0, len(uids), 100):
            with suppress(MailServerFailure):
                self._command("STORE", ",".join(map(str, uids[start : start + 100])), "+FLAGS.SILENT", r"(\Seen)")

    def _command(self, name: str, *arguments: str) -> list[Any]:
        with _naming_failures():
            status, answer = self._client.uid(name, *arguments)
        if status != "OK":
            raise MailServerFailure("protocol", _text(answer))
        return answer


@contextmanager
def open_folder(
    address: ServerAddress, authenticate: Authenticate, *, refused: str = "password"
) -> Iterator[ImapFolder]:
    """Sign in at *address* and open its folder. Raises MailServerFailure with the first thing that does not work;
    *refused* is the code where the server does not let us in."""
    client = _connect(address)
    try:
        with _naming_failures(refused):
            authenticate(client)
        with _naming_failures("folder"):
            state = _select(client, address.folder)
        yield ImapFolder(client, state)
    finally:
        with suppress(Exception):  # whatever it says to a good-bye, what was taken in is stored
            client.logout()


def sign_in_with_password(user: str, password: str) -> Authenticate:
    """Sign in by SASL PLAIN, which takes any letters, or else by LOGIN."""

    def authenticate(client: imaplib.IMAP4) -> None:
        if "AUTH=PLAIN" in client.capabilities:
            client.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
        else:
            quoted = user.replace("\\", "\\\\").replace('"', '\\"')
            client.login(f'"{quoted}"', password)

    return authenticate


def sign_in_with_token(user: str, token: str) -> Authenticate:
    """Sign in by SASL XOAUTH2."""

    def authenticate(client: imaplib.IMAP4) -> None:
        # A server that refuses says why first, and waits for an empty answer.
        answers = iter([f"user={user}\1auth=Bearer {token}\1\1".encode()])
        client.authenticate("XOAUTH2", lambda _challenge: next(answers, b""))

    return authenticate


def _connect(address: ServerAddress) -> imaplib.IMAP4:
    with naming_network_failures(), _naming_failures(connecting=True):
        if address.begins_with_tls:
            return ImapTlsClient(address.host, address.port, ssl_context=ssl.create_default_context(), timeout=SECONDS)
        client = ImapClient(address.host, address.port, timeout=SECONDS)
        try:
            _protect(client)
        except BaseException:
            client.shutdown()
            raise
        return client


def _protect(client: imaplib.IMAP4) -> None:
    """Begin TLS. Within this machine nobody listens, and it may stay plain."""
    if outward.stays_here(client.sock):
        return
    if "STARTTLS" not in client.capabilities:
        raise MailServerFailure("no_tls")
    client.starttls(ssl.create_default_context())


def _select(client: imaplib.IMAP4, folder: str) -> FolderState:
    quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
    try:
        status, answer = client.select(f'"{quoted}"')
    except imaplib.IMAP4.readonly:
        status, answer = client.select(f'"{quoted}"', readonly=True)
    if status != "OK":
        raise MailServerFailure("folder", _text(answer))
    validity, following = _number(client, "UIDVALIDITY"), _number(client, "UIDNEXT")
    if following == 0:  # an old server: the UID after the last message
        _status, found = client.uid("SEARCH", "UID", "*")
        following = max((int(number) for line in found if line for number in line.split()), default=0) + 1
    return FolderState(validity, following)


def _number(client: imaplib.IMAP4, name: str) -> int:
    _name, values = client.response(name)
    return int(values[-1]) if values and values[-1] else 0


def _received_at(said: bytes) -> dt.datetime | None:
    found = _DATE.search(said)
    moment = imaplib.Internaldate2tuple(found[0]) if found else None
    return dt.datetime.fromtimestamp(time.mktime(moment), dt.UTC) if moment else None


@contextmanager
def _naming_failures(refused: str = "protocol", *, connecting: bool = False) -> Iterator[None]:
    """Raise MailServerFailure for the errors of imaplib; *refused* is the code of a NO or BAD. While *connecting* the
    errors of the network are left to `naming_network_failures`."""
    try:
        yield
    except imaplib.IMAP4.abort as problem:
        raise MailServerFailure("dropped", _text(problem.args)) from problem
    except imaplib.IMAP4.error as problem:
        words = _text(problem.args)
        busy = any(mark in words.upper() for mark in _BUSY)
        raise MailServerFailure("busy" if busy else refused, words) from problem
    except TimeoutError as problem:
        raise MailServerFailure("timeout", str(problem)) from problem
    except OSError as problem:
        if connecting:
            raise
        raise MailServerFailure("dropped", str(problem)) from problem
    except (ValueError, UnicodeError) as problem:
        raise MailServerFailure("protocol", type(problem).__name__) from problem


def _text(answer: Any) -> str:
    parts = answer if isinstance(answer, (list, tuple)) else [answer]
    return " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in parts if one)
