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
from portal.kernel.actor import Id

log = logging.getLogger(__name__)

# (message, road, recipients, provider) → fate, case and sentence.
Take = Callable[[bytes, str, list[str], Id], dict[str, Any]]
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

    def __init__(self, take: Take, find: Callable[[str], Id | None], road: str) -> None:
        self._take, self._find, self._road = take, find, road

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept addresses that are a mailbox of a provider."""
        try:
            provider_id = await asyncio.to_thread(self._find, address)
        except Exception:
            log.exception("a recipient could not be looked up")
            return "451 4.3.0 Try again later"
        if provider_id is None:
            return "550 5.1.1 Nobody reads this address"
        envelope.rcpt_tos.append(address)
        _providers_of(envelope)[address] = provider_id
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take the mail in. It is the same mail for all recipients; the second one is a duplicate, and says so."""
        content, providers = envelope.original_content or b"", _providers_of(envelope)
        groups = [[one] for one in envelope.rcpt_tos] if self._road == "lmtp" else [list(envelope.rcpt_tos)]
        answers = [await asyncio.to_thread(self._answer, content, group, providers[group[0]]) for group in groups]
        return "\r\n".join(answers)

    def _answer(self, content: bytes, recipients: list[str], provider_id: Id) -> str:
        try:
            answer = self._take(content, self._road, recipients, provider_id)
        except Exception:
            log.exception("a mail could not be taken in; its server keeps it")
            return "451 4.3.0 Try again later"
        return f"250 2.0.0 {answer['fate']}"


def _providers_of(envelope: Envelope) -> dict[str, Id]:
    """The provider of each recipient that was accepted: it is looked up once."""
    found: dict[str, Id] = vars(envelope).setdefault("providers", {})
    return found


def parse_listen(listen: str) -> tuple[str, str, int]:
    """(road, host, port) of MAIL_LISTEN: `127.0.0.1:2424` or `lmtp://…` for LMTP, `smtp://…` for SMTP."""
    url = urlsplit(listen if "://" in listen else f"lmtp://{listen}")
    return ("smtp" if url.scheme == "smtp" else "lmtp"), url.hostname or "127.0.0.1", url.port or 2424


def build_controller(listen: str, take: Take, find: Callable[[str], Id | None]) -> Controller:
    """A server at *listen* that is not started yet."""
    road, host, port = parse_listen(listen)
    handler = IntakeHandler(take, find, road)

    class IntakeController(Controller):
        """The server of one of both protocols."""

        def factory(self) -> SMTP:
            protocol = LmtpProtocol if road == "lmtp" else SmtpProtocol
            return protocol(handler, data_size_limit=_LARGEST, enable_SMTPUTF8=True, hostname=host)

    return IntakeController(handler, hostname=host, port=port)


def serve(listen: str, take: Take, find: Callable[[str], Id | None]) -> None:
    """Listen until told to stop."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    controller = build_controller(listen, take, find)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    controller.start()
    done.wait()
    controller.stop()
