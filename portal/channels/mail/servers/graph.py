"""Reading and sending by Microsoft Graph: what changed in the inbox, one message whole, the mark that it was read, and
sending a finished mail. Every method raises MailServerFailure."""

import base64
import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from types import TracebackType
from typing import Any
from urllib.parse import quote

import requests

from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.servers.imap import FetchedMail
from portal.channels.mail.servers.oauth import name_http_failure, read_retry_after
from portal.kernel import outward_http

# (the token that was refused, or '') → a token to use.
GetToken = Callable[[str], str]

PAGE = 100
# One byte more than the largest mail, so that intake sees that it is too large.
_LARGEST = LIMITS.message_bytes + 1
# Ids that stay when a message is moved, and pages of a bounded length.
_PREFER = f'IdType="ImmutableId", odata.maxpagesize={PAGE}'
_FIELDS = "id,receivedDateTime,isRead"
_LONGEST_LINK = 8_000


class ChangesLost(Exception):
    """The server does not know the place any more from which changes were asked for: reading begins anew."""


@dataclass(frozen=True, slots=True)
class GraphMessage:
    """A message in the inbox."""

    id: str
    received_at: dt.datetime | None
    is_read: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes; *link* leads to the next one, and with *is_last* to the changes after this moment."""

    messages: list[GraphMessage]
    link: str
    is_last: bool


class GraphMailbox:
    """The inbox of *address*. A context manager, which closes its connections."""

    def __init__(self, base_url: str, address: str, get_token: GetToken) -> None:
        self._base, self._get_token = base_url, get_token
        self._user = f"{base_url}/users/{quote(address, safe='@')}"
        self._inbox = f"{self._user}/mailFolders/inbox/messages"
        self._session = requests.Session()
        outward_http.guard_session(self._session)
        self._whole = requests.Session()
        outward_http.guard_session(self._whole, most_bytes=_LARGEST)
        self._token = ""

    def __enter__(self) -> "GraphMailbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()
        self._whole.close()

    def list_changes(self, link: str) -> Changes:
        """The next messages after *link*; with '' from the beginning. Raises ChangesLost."""
        first = f"{self._inbox}/delta?changeType=created&$select={_FIELDS}"
        answer = self._ask("GET", link if self._is_ours(link) else first)
        if answer.status_code == 410 or _error_code(answer).lower() in ("syncstatenotfound", "resyncrequired"):
            raise ChangesLost
        found = self._read_json(answer)
        following, last = found.get("@odata.nextLink"), found.get("@odata.deltaLink")
        reached = str(following or last or "")
        if not self._is_ours(reached) or len(reached) > _LONGEST_LINK:
            raise MailServerFailure("protocol", "@odata.deltaLink")
        rows = found.get("value")
        messages = [_read_message(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return Changes([one for one in messages if one is not None], reached, not following)

    def list_subjects(self) -> list[tuple[str, str]]:
        """(id, subject) of the newest messages."""
        query = "$select=id,subject&$orderby=receivedDateTime desc&$top=50"
        rows = self._read_json(self._ask("GET", f"{self._inbox}?{query}")).get("value")
        found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return [(str(row["id"]), str(row.get("subject") or "")) for row in found if row.get("id")]

    def fetch(self, message: str) -> FetchedMail | None:
        """The message with the id *message*, cut after the largest size; None where it is no longer there."""
        answer = self._ask("GET", f"{self._user}/messages/{quote(message, safe='')}/$value", session=self._whole)
        if answer.status_code == 404:
            return None
        self._check(answer)
        return FetchedMail(answer.content, None)

    def mark_read(self, messages: Sequence[str]) -> None:
        """Mark those of *messages* as read that are still there, until the server refuses one."""
        with suppress(MailServerFailure):
            for message in messages:
                url = f"{self._user}/messages/{quote(message, safe='')}"
                answer = self._ask("PATCH", url, json={"isRead": True})
                if answer.status_code != 404:
                    self._check(answer)

    def send(self, message: EmailMessage) -> None:
        """Send a finished mail. Code 'refused' where the server refuses this mail."""
        content = base64.b64encode(message.as_bytes(policy=SMTP))
        answer = self._ask("POST", f"{self._user}/sendMail", data=content, headers={"Content-Type": "text/plain"})
        if answer.status_code in (400, 413):
            failure = MailServerFailure("refused", _describe(answer))
            failure.about_mail = True
            raise failure
        self._check(answer)

    def _ask(self, method: str, url: str, *, session: requests.Session | None = None, **more: Any) -> requests.Response:
        """The answer to a request; one that the token does not open is asked once more with another token."""
        self._token = self._token or self._get_token("")
        for is_last in (False, True):
            headers = {"Authorization": f"Bearer {self._token}", "Prefer": _PREFER, **more.get("headers", {})}
            try:
                answer = (session or self._session).request(
                    method, url, allow_redirects=False, **{**more, "headers": headers}
                )
            except requests.RequestException as problem:
                raise name_http_failure(problem) from None
            if answer.status_code != 401:
                return answer
            if not is_last:
                self._token = self._get_token(self._token)
        raise MailServerFailure("access", _describe(answer))

    def _check(self, answer: requests.Response) -> None:
        status = answer.status_code
        if 200 <= status < 300:
            return
        if status == 429 or status >= 500:
            raise MailServerFailure("busy", _describe(answer), retry_after=read_retry_after(answer))
        raise MailServerFailure("access" if status in (403, 404) else "protocol", _describe(answer))

    def _read_json(self, answer: requests.Response) -> dict[str, Any]:
        self._check(answer)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise MailServerFailure("protocol", "JSON")
        return found

    def _is_ours(self, link: str) -> bool:
        """Whether *link* leads to Graph: a token goes nowhere else."""
        return link.startswith(f"{self._base}/")


def _read_message(row: dict[str, Any]) -> GraphMessage | None:
    if "@removed" in row or not isinstance(row.get("id"), str) or not row["id"]:
        return None
    try:
        received = dt.datetime.fromisoformat(str(row.get("receivedDateTime")))
    except ValueError:
        received = None
    if received is not None and received.tzinfo is None:
        received = received.replace(tzinfo=dt.UTC)
    return GraphMessage(row["id"], received, row.get("isRead") is True)


def _read_error(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}


def _error_code(answer: requests.Response) -> str:
    return str(_read_error(answer).get("code") or "") if answer.status_code >= 400 else ""


def _describe(answer: requests.Response) -> str:
    error = _read_error(answer)
    return f"HTTP {answer.status_code} {error.get('code') or ''} {error.get('message') or ''}"
