"""What wrote a message: a person, a robot, a list, or a server that returns one of ours.

The headers of RFC 3834, RFC 3464 and RFC 5965 come first; subjects and senders of robots that do not say so come last.
"""

import re
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any

from portal.channels.mail.engine.message import MailAddress, MessageClass

_ROBOTS = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|no-?reply|do-?not-?reply|noreply\S*|donotreply\S*|bounces?|"
    r"(?:auto|away)-?(?:reply|responder)|listserv|majordomo)(?:[+-].*)?"
)
_SUBJECTS = re.compile(
    r"(?:\[?(?:automatic(?:al)? reply|auto(?:mated)?[ -]?(?:reply|response)|autoreply|auto:|out of (?:the )?office|"
    r"odpowiedź automatyczna|automatyczna odpowiedź|autoodpowiedź|poza biurem|trả lời tự động|thư trả lời tự động|"
    r"vắng mặt|respuesta automática|fuera de (?:la )?oficina|automatische antwort|abwesenheitsnotiz|"
    r"abwesenheitsmeldung|réponse automatique|absence du bureau|absent du bureau))(?:\]|\s*:|\b)"
)
_BOUNCE_SUBJECTS = re.compile(
    r"(?:undeliver(?:ed|able)|delivery status notification|mail delivery (?:failed|failure|system)|failure notice|"
    r"returned mail|delivery failure|niedostarczalne|unzustellbar|no se puede entregar|non remis)"
)

Headers = Mapping[str, Sequence[str]]


def classify(
    root: Message, headers: Headers, senders: Sequence[MailAddress], return_path: str | None
) -> tuple[MessageClass, str]:
    """The class of a message, and the header or form that says so.

    *root* gives the structure, *headers* the decoded headers by lower name.
    """
    report = _report_type(root)
    if report == "feedback-report":
        return MessageClass.FEEDBACK_REPORT, "multipart/report; report-type=feedback-report"
    if report in ("delivery-status", "disposition-notification"):
        bounce = report == "delivery-status"
        return (MessageClass.BOUNCE if bounce else MessageClass.AUTO_REPLY), f"multipart/report; report-type={report}"
    return (
        _server(headers, senders, return_path)
        or _automatic(headers)
        or _listed(headers)
        or _unmarked(headers, senders, return_path)
        or (MessageClass.HUMAN, "")
    )


def _report_type(root: Message) -> str:
    """The report type of RFC 6522, also where only its part gives it away."""
    if root.get_content_type() == "multipart/report":
        try:
            named = str(root.get_param("report-type") or "").lower()
        except (TypeError, ValueError):
            named = ""
        if named in ("feedback-report", "delivery-status", "disposition-notification"):
            return named
    payload: Any = root.get_payload()
    if root.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload[:10]:
            kind = part.get_content_type()
            if kind in ("message/feedback-report", "message/delivery-status"):
                return str(kind).partition("/")[2]
    return ""


def _first(headers: Headers, name: str) -> str:
    found = headers.get(name, ())
    return found[0].strip().lower() if found else ""


def _server(
    headers: Headers, senders: Sequence[MailAddress], return_path: str | None
) -> tuple[MessageClass, str] | None:
    """A bounce without the form of one: from a mail server, with a subject of servers."""
    local = senders[0].email.partition("@")[0] if senders else ""
    daemon = local in ("mailer-daemon", "postmaster", "mail-daemon") or return_path == ""
    if headers.get("x-failed-recipients"):
        return MessageClass.BOUNCE, "X-Failed-Recipients"
    if daemon and _BOUNCE_SUBJECTS.search(_first(headers, "subject")):
        return MessageClass.BOUNCE, "Subject"
    return None


def _automatic(headers: Headers) -> tuple[MessageClass, str] | None:
    submitted = _first(headers, "auto-submitted").partition(";")[0].strip()
    if submitted and submitted != "no":
        return MessageClass.AUTO_REPLY, f"Auto-Submitted: {submitted[:40]}"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply"):
        if headers.get(name) and _first(headers, name) not in ("no", "false"):
            return MessageClass.AUTO_REPLY, name
    for name in ("precedence", "x-precedence"):
        if _first(headers, name) in ("auto_reply", "auto-reply", "bulk", "junk"):
            return MessageClass.AUTO_REPLY, f"{name}: {_first(headers, name)}"
    suppress = _first(headers, "x-auto-response-suppress")
    if "all" in suppress or "autoreply" in suppress or "oof" in suppress:
        return MessageClass.AUTO_REPLY, "X-Auto-Response-Suppress"
    if headers.get("x-loop"):
        return MessageClass.AUTO_REPLY, "X-Loop"
    return None


def _listed(headers: Headers) -> tuple[MessageClass, str] | None:
    for name in ("list-id", "list-unsubscribe", "list-post", "list-help", "mailing-list", "x-mailing-list"):
        if headers.get(name):
            return MessageClass.LIST, name
    if _first(headers, "precedence") == "list":
        return MessageClass.LIST, "precedence: list"
    return None


def _unmarked(
    headers: Headers, senders: Sequence[MailAddress], return_path: str | None
) -> tuple[MessageClass, str] | None:
    """Robots that do not say so. A person who answers "Re: Out of office" is no robot."""
    if return_path == "":
        return MessageClass.AUTO_REPLY, "Return-Path: <>"
    if senders and _ROBOTS.fullmatch(senders[0].email.partition("@")[0]):
        return MessageClass.AUTO_REPLY, "From"
    if _SUBJECTS.match(_first(headers, "subject")):
        return MessageClass.AUTO_REPLY, "Subject"
    return None
