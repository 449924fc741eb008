"""The servers of a mailbox: where it is read and through which server it sends."""

import json
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.channels.mail.models import Mailbox, MailboxConnection
from portal.channels.mail.servers.address import ServerAddress, is_readable, parse_server_url
from portal.channels.mail.servers.failures import MailServerFailure
from portal.kernel.context import Context
from portal.kernel.encryption import Undecryptable, decrypt, encrypt
from portal.kernel.errors import Refused
from portal.kernel.events import record


@dataclass(frozen=True, slots=True)
class Server:
    """An address and the password of its user; '' keeps the password that is stored."""

    address: ServerAddress
    password: str = ""


def connect_mailbox(ctx: Context, box: Mailbox, *, imap: Server, smtp: Server | None) -> MailboxConnection:
    """Read *box* from *imap* and send its mails through *smtp* (None: SMTP_URL); records `mailbox.connected`.

    The mailbox is off until a test came back. Raises Refused (field password or smtp_password) where a server is new
    and no password was written: a stored password is never sent to another server. Raises Refused (field imap_host or
    smtp_host) for an address that cannot be read back.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    for server, field in ((imap, "imap_host"), (smtp, "smtp_host")):
        if server is not None and not is_readable(server.address):
            raise Refused(_("Write the name of a server alone, such as mail.example.com"), field)
    row = ctx.session.scalars(
        select(MailboxConnection).where(
            MailboxConnection.provider_id == ctx.provider_id, MailboxConnection.mailbox_id == box.id
        )
    ).one_or_none()
    known = _read_known(row)
    secrets = {"imap": _choose_password(imap, known, row.imap_url if row else "", "imap", "password")}
    if smtp is not None and smtp.address.user:
        secrets["smtp"] = _choose_password(smtp, known, row.smtp_url if row else "", "smtp", "smtp_password")
    if row is None:
        row = MailboxConnection(provider_id=ctx.provider_id, mailbox_id=box.id)
        ctx.session.add(row)
    moved = row.imap_url != imap.address.url
    row.imap_url, row.smtp_url = imap.address.url, smtp.address.url if smtp else ""
    row.secrets = encrypt(json.dumps(secrets), row.secrets_purpose)
    if moved:  # another folder counts its messages anew
        row.uid_validity, row.last_uid, row.first_uid, row.stalled = None, 0, 1, 0
    row.failures, row.failure, row.failure_words, row.failed_at = 0, "", "", None
    row.paused_at, row.claimed_until, row.next_read_at = None, None, ctx.now
    box.state, box.proven_at = "off", None
    box.version += 1
    ctx.session.flush()
    hosts = [imap.address.host, smtp.address.host if smtp else ""]
    record(ctx, "mailbox.connected", box, address=box.address, servers=hosts)
    return row


def read_secrets(row: MailboxConnection) -> dict[str, str]:
    """The passwords of a connection. Raises MailServerFailure (secret) where SECRET_KEY is not the one of then."""
    try:
        found: dict[str, str] = json.loads(decrypt(row.secrets, row.secrets_purpose))
    except Undecryptable as problem:
        raise MailServerFailure("secret") from problem
    return found


def imap_server(row: MailboxConnection) -> Server:
    """The server that is read, with its password. Raises MailServerFailure (address, secret)."""
    return Server(_parse_stored(row.imap_url, "imap"), read_secrets(row).get("imap", ""))


def smtp_server(row: MailboxConnection) -> Server | None:
    """The server that sends, with its password; None for SMTP_URL. Raises MailServerFailure (address, secret)."""
    if not row.smtp_url:
        return None
    return Server(_parse_stored(row.smtp_url, "smtp"), read_secrets(row).get("smtp", ""))


def _parse_stored(url: str, kind: str) -> ServerAddress:
    try:
        return parse_server_url(url, kind)[0]
    except ValueError as problem:
        raise MailServerFailure("address") from problem


def _read_known(row: MailboxConnection | None) -> dict[str, str]:
    try:
        return read_secrets(row) if row is not None else {}
    except MailServerFailure:
        return {}


def _choose_password(server: Server, known: dict[str, str], url: str, kind: str, field: str) -> str:
    if server.password and server.password.isprintable():
        return server.password
    if not server.password and url and kind in known and _is_same_place(url, kind, server.address):
        return known[kind]
    raise Refused(_("Write the password"), field)


def _is_same_place(url: str, kind: str, now: ServerAddress) -> bool:
    """Whether the password goes to the same user at the same server, and no less protected than before."""
    try:
        before = parse_server_url(url, kind)[0]
    except ValueError:
        return False
    same = (before.host, before.port, before.user) == (now.host, now.port, now.user)
    return same and before.begins_with_tls <= now.begins_with_tls
