"""The demo's mail server: it stores every mail as a file, so that people can see what would have been sent.

A mail is filed under its provider and the hash of its Message-ID: receiving it twice stores it once. A mail to a
mailbox of the demo is also passed on to its listener, as a mail server does; so the test of a mailbox comes back."""

import asyncio
import hashlib
import logging
import os
import re
import signal
import smtplib
import threading
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

log = logging.getLogger(__name__)

LARGEST = 40 * 1024 * 1024


NOBODY = "unknown"


def file_path(data: Path, provider_slug: str, message_id: str) -> Path:
    """The path of the mail *message_id* of a provider. It contains only a hash, no text of the mail."""
    slug = provider_slug if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", provider_slug) else NOBODY
    return data / "mail" / slug / f"{hashlib.sha256(message_id.strip().encode()).hexdigest()}.eml"


def store(data: Path, content: bytes) -> Path:
    """Store one received mail; the file is written whole or not at all."""
    headers = message_from_bytes(content, policy=default)
    identity = str(headers.get("Message-ID", "")) or hashlib.sha256(content).hexdigest()
    path = file_path(data, str(headers.get("X-Parley-Provider", "")).strip(), identity)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    return path


class SinkProtocol(SMTP):
    """SMTP with lines as long as a mail may be: mails of other programs have lines over 998 bytes."""

    line_length_limit = LARGEST


class SinkController(Controller):
    """The server of the sink."""

    def factory(self) -> SMTP:
        return SinkProtocol(self.handler, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname=self.hostname)


class SinkHandler:
    """The handler that aiosmtpd calls for each mail."""

    def __init__(self, data: Path, mail_listen: str = "") -> None:
        self.data, self._mail_listen = data, mail_listen

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        store(self.data, envelope.original_content or b"")
        if self._mail_listen:
            await asyncio.to_thread(pass_on, self._mail_listen, envelope)
        return "250 Kept"


def pass_on(mail_listen: str, envelope: Envelope) -> None:
    """Pass a mail on to the listener, which takes what goes to a mailbox; the mail stays stored whatever it answers."""
    url = urlsplit(mail_listen if "://" in mail_listen else f"lmtp://{mail_listen}")
    client = smtplib.SMTP if url.scheme == "smtp" else smtplib.LMTP
    try:
        with client(url.hostname or "127.0.0.1", url.port or 2424, timeout=10) as server:
            server.sendmail(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b"")
    except smtplib.SMTPRecipientsRefused:
        log.debug("a mail to nobody's mailbox")
    except (smtplib.SMTPException, OSError) as problem:
        log.warning("a mail could not be passed on to the listener: %s", problem)


def serve(smtp_url: str, data: Path, mail_listen: str = "") -> None:
    """Listen on the host and port of *smtp_url* until told to stop; pass mails to mailboxes on to *mail_listen*."""
    url = urlsplit(smtp_url)
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    controller = SinkController(
        SinkHandler(data, mail_listen), hostname=url.hostname or "127.0.0.1", port=url.port or 25
    )
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    controller.start()
    done.wait()
    controller.stop()
