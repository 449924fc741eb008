"""The LMTP and SMTP listener: passes each mail to intake, and answers only when it is stored."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.channels.mail.engine.limits import LIMITS

log = logging.getLogger(__name__)

# (message, road, recipients) → fate, case and sentence.
Take = Callable[[bytes, str, list[str]], dict[str, Any]]
# A larger mail is refused by the protocol, before it is read.
_LARGEST = LIMITS.message_bytes + 1


class LmtpProtocol(LMTP):
    """LMTP with lines as long as a mail may be: programs write lines over the 998 bytes of RFC 5322, and a refusal is
    final. A connection holds no more bytes than those of two mails."""

    line_length_limit = _LARGEST


class SmtpProtocol(SMTP):
    """SMTP with lines as long as a mail may be."""

    line_length_limit = _LARGEST


class IntakeHandler:
    """What aiosmtpd calls. LMTP answers once for each recipient, SMTP once for the mail."""

    def __init__(self, take: Take, knows: Callable[[str], bool], road: str) -> None:
        self._take, self._knows, self._road = take, knows, road

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept addresses that are a mailbox of a provider."""
        try:
            known = await asyncio.to_thread(self._knows, address)
        except Exception:
            log.exception("a recipient could not be looked up")
            return "451 4.3.0 Try again later"
        if not known:
            return "550 5.1.1 Nobody reads this address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take the mail in. It is the same mail for all recipients; the second one is a duplicate, and says so."""
        content = envelope.original_content or b""
        groups = [[one] for one in envelope.rcpt_tos] if self._road == "lmtp" else [list(envelope.rcpt_tos)]
        return "\r\n".join([await asyncio.to_thread(self._answer, content, group) for group in groups])

    def _answer(self, content: bytes, recipients: list[str]) -> str:
        try:
            answer = self._take(content, self._road, recipients)
        except Exception:
            log.exception("a mail could not be taken in; its server keeps it")
            return "451 4.3.0 Try again later"
        return f"250 2.0.0 {answer['fate']}"


def parse_listen(listen: str) -> tuple[str, str, int]:
    """(road, host, port) of MAIL_LISTEN: `127.0.0.1:2424` or `lmtp://…` for LMTP, `smtp://…` for SMTP."""
    url = urlsplit(listen if "://" in listen else f"lmtp://{listen}")
    return ("smtp" if url.scheme == "smtp" else "lmtp"), url.hostname or "127.0.0.1", url.port or 2424


def build_controller(listen: str, take: Take, knows: Callable[[str], bool]) -> Controller:
    """A server at *listen* that is not started yet."""
    road, host, port = parse_listen(listen)
    handler = IntakeHandler(take, knows, road)

    class IntakeController(Controller):
        """The server of one of both protocols."""

        def factory(self) -> SMTP:
            protocol = LmtpProtocol if road == "lmtp" else SmtpProtocol
            return protocol(handler, data_size_limit=_LARGEST, enable_SMTPUTF8=True, hostname=host)

    return IntakeController(handler, hostname=host, port=port)


def serve(listen: str, take: Take, knows: Callable[[str], bool]) -> None:
    """Listen until told to stop."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    controller = build_controller(listen, take, knows)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    controller.start()
    done.wait()
    controller.stop()
