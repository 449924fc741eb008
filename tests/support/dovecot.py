"""A real Dovecot on loopback, run by an unprivileged user: IMAP to read, LMTP to deliver into, and an SMTP server that
delivers through it.

Every address is a user whose password is PASSWORD. `.ci/run` installs Dovecot.
"""

import asyncio
import base64
import grp
import os
import pwd
import shutil
import smtplib
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from imaplib import IMAP4
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from engines.postgres_programs import server_user
from engines.process import Process
from engines.supervisor import free_port

PROGRAM = os.environ.get("DOVECOT", "/usr/sbin/dovecot")
# Letters beyond ASCII, and one that IMAP must quote.
PASSWORD = 'gęś"42'
_PATIENCE = 15.0


def require_dovecot() -> None:
    """Fail in CI, and skip elsewhere, where Dovecot is not installed."""
    if not Path(PROGRAM).is_file():
        message = f"{PROGRAM} is not there: install dovecot-imapd and dovecot-lmtpd"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


class Dovecot:
    """Started; its folders are removed with it."""

    def __init__(self, introspection: str = "") -> None:
        """*introspection*: the address that says whose a token is; with it tokens sign in, too (XOAUTH2)."""
        self.introspection = introspection
        self.folder = Path(tempfile.mkdtemp(prefix="parley-dovecot-", dir="/tmp"))
        self.imap_port, self.lmtp_port = free_port(), free_port()
        self.user = server_user()
        if self.user:
            os.chown(self.folder, self.user.uid, self.user.gid)
        file = self.folder / "dovecot.conf"
        file.write_text(self._settings())
        file.chmod(0o644)
        tokens = self.folder / "oauth2.conf"
        tokens.write_text(
            f"introspection_mode = get\nintrospection_url = {introspection}?token=\nusername_attribute = username\n"
            "active_attribute = active\nactive_value = true\ntimeout_msecs = 5000\n"
        )
        tokens.chmod(0o644)
        self.process = self._launch()

    def _launch(self) -> Process:
        started = Process(
            "dovecot", [PROGRAM, "-F", "-c", self.folder / "dovecot.conf"], log=self.folder / "out.log", user=self.user
        )
        until = time.monotonic() + _PATIENCE
        while not (is_open(self.imap_port) and is_open(self.lmtp_port)):
            if time.monotonic() > until or not started.alive:
                raise AssertionError(f"dovecot {started.ending}: {started.last_lines()} {self.log()}")
            time.sleep(0.05)
        return started

    def _settings(self) -> str:
        uid, gid = (self.user.uid, self.user.gid) if self.user else (os.getuid(), os.getgid())
        name, group = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
        return f"""
            protocols = imap lmtp
            base_dir = {self.folder}/run
            state_dir = {self.folder}/state
            log_path = {self.folder}/log
            default_internal_user = {name}
            default_internal_group = {group}
            default_login_user = {name}
            default_process_limit = 20
            ssl = no
            disable_plaintext_auth = no
            auth_failure_delay = 0
            auth_mechanisms = plain login {"xoauth2" if self.introspection else ""}
            mail_location = maildir:{self.folder}/mail/%u
            first_valid_uid = 1
            {self._token_passdb() if self.introspection else ""}
            passdb {{
              driver = static
              args = password={PASSWORD}
            }}
            userdb {{
              driver = static
              args = uid={uid} gid={gid} home={self.folder}/home/%u allow_all_users=yes
            }}
            service anvil {{
              chroot =
              unix_listener anvil-auth-penalty {{
                mode = 0
              }}
            }}
            service imap-login {{
              chroot =
              inet_listener imap {{
                address = 127.0.0.1
                port = {self.imap_port}
              }}
              inet_listener imaps {{
                port = 0
              }}
            }}
            service lmtp {{
              inet_listener lmtp {{
                address = 127.0.0.1
                port = {self.lmtp_port}
              }}
            }}
        """

    def _token_passdb(self) -> str:
        return f"""
            passdb {{
              driver = oauth2
              mechanisms = xoauth2
              args = {self.folder}/oauth2.conf
            }}
        """

    def log(self) -> str:
        """What Dovecot wrote."""
        file = self.folder / "log"
        return file.read_text(errors="replace")[-3000:] if file.is_file() else ""

    def imap_url(self, user: str, password: str = PASSWORD) -> str:
        """The address of a mailbox, as `mailbox add --imap` takes it."""
        return f"imap://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.imap_port}"

    def deliver(self, content: bytes, *recipients: str, sender: str = "rita@acme.example") -> None:
        """Deliver a message by LMTP."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as client:
            assert client.sendmail(sender, list(recipients), content) == {}

    @contextmanager
    def client(self, user: str) -> Iterator[IMAP4]:
        """What a mail program of *user* does."""
        client = IMAP4("127.0.0.1", self.imap_port)
        client.authenticate("PLAIN", lambda _: f"\0{user}\0{PASSWORD}".encode())
        client.select()
        try:
            yield client
        finally:
            client.logout()

    def count(self, user: str, *criteria: str) -> int:
        """How many messages of *user* match, by default all."""
        with self.client(user) as client:
            return len(client.search(None, *(criteria or ("ALL",)))[1][0].split())

    def stop(self) -> None:
        """Stop it; `start_again` starts it with the same mail."""
        self.process.stop(grace=5)

    def start_again(self) -> None:
        """Start it after `stop`."""
        self.process = self._launch()

    def close(self) -> None:
        """Stop it and remove its mail."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class MailServer:
    """An SMTP server that delivers through Dovecot; `mode` makes it fail."""

    def __init__(self, dovecot: Dovecot, owner_of: Callable[[str], str] | None = None) -> None:
        """*owner_of*: whose a token is, '' for nobody's; with it tokens sign in, too (XOAUTH2)."""
        self.dovecot, self.owner_of = dovecot, owner_of
        self.port = free_port()
        # 'deliver', 'lose' (accept and forget), 'refuse', 'elsewhere' (deliver to `elsewhere`), 'hold' (accept, and say
        # so only when the mode has changed).
        self.mode, self.elsewhere = "deliver", ""
        self.accepted: list[Envelope] = []
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            auth_required=True,
            auth_require_tls=False,
            authenticator=self._check,
        )
        self._controller.start()

    def _check(self, _server: Any, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password.decode() == PASSWORD
        return AuthResult(success=right, handled=False)

    async def auth_XOAUTH2(self, server: Any, arguments: list[str]) -> AuthResult:
        """Sign in by token. Who is refused is told why first, as Microsoft's and Google's servers do."""
        user, token = base64.b64decode(arguments[1]).decode().strip("\1").split("\1")
        owner = self.owner_of(token.removeprefix("auth=Bearer ")) if self.owner_of else ""
        if owner and user == f"user={owner}":
            return AuthResult(success=True, handled=False, auth_data=owner)
        await server.challenge_auth('{"status": "401"}')
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:
        if self.mode == "refuse":
            return "550 5.7.1 Not from you"
        self.accepted.append(envelope)
        while self.mode == "hold":
            await asyncio.sleep(0.05)
        if self.mode != "lose":
            recipients = [self.elsewhere] if self.mode == "elsewhere" else envelope.rcpt_tos
            self.dovecot.deliver(envelope.original_content or b"", *recipients, sender=envelope.mail_from or "")
        return "250 Taken"

    def url(self, user: str, password: str = PASSWORD) -> str:
        """The address of the server, as `mailbox add --smtp` takes it."""
        return f"smtp://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop listening, unless that has happened already."""
        if self._controller.server is not None:
            self._controller.stop()


def is_open(port: int) -> bool:
    """Whether somebody listens on *port* of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def simple_mail(subject: str, *, sender: str = "rita@acme.example", to: str = "", text: str = "It is broken.") -> bytes:
    """A mail as people write it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{abs(hash((subject, sender, to)))}@acme.example>"
    message.set_content(text)
    return message.as_bytes()
