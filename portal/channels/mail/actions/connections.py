"""The servers of a mailbox: where it is read and through which server it sends."""

import json

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.channels.mail.models import IMAP, PASSWORD, Mailbox, MailboxConnection, MailboxToken
from portal.channels.mail.servers.accounts import MailAccount
from portal.channels.mail.servers.address import Server, ServerAddress, is_readable, parse_server_url
from portal.channels.mail.servers.failures import MailServerFailure
from portal.kernel.context import Context
from portal.kernel.encryption import Undecryptable, decrypt, encrypt
from portal.kernel.errors import Refused
from portal.kernel.events import record


def connect_mailbox(ctx: Context, box: Mailbox, *, imap: Server, smtp: Server | None) -> MailboxConnection:
    """Read *box* from *imap* and send its mails through *smtp* (None: SMTP_URL); records `mailbox.connected`.

    The mailbox is off until a test came back. Raises Refused (field password or smtp_password) where a server is new
    and no password was written: a stored password is never sent to another server. Raises Refused (field imap_host or
    smtp_host) for an address that cannot be read back.
    """
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    for server, field in ((imap, "imap_host"), (smtp, "smtp_host")):
        if server is not None and not is_readable(server.address):
            raise Refused(_("Write the name of a server alone, such as mail.example.com"), field)
    row = lock_connection(ctx, box)
    known = read_known_secrets(row)
    secrets = {"imap": _choose_password(imap, known, row.imap_url if row else "", "imap", "password")}
    if smtp is not None and smtp.address.user:
        secrets["smtp"] = _choose_password(smtp, known, row.smtp_url if row else "", "smtp", "smtp_password")
    if row is None:
        row = MailboxConnection(provider_id=ctx.provider_id, mailbox_id=box.id)
        ctx.session.add(row)
    if row.imap_url != imap.address.url:
        forget_place(row)
    row.imap_url, row.smtp_url = imap.address.url, smtp.address.url if smtp else ""
    row.secrets = encrypt(json.dumps(secrets), row.secrets_purpose)
    row.sign_in, row.protocol, row.tenant, row.client_id = PASSWORD, IMAP, "", ""
    delete_tokens(ctx, box)
    turn_off(ctx, box, row)
    ctx.session.flush()
    hosts = [imap.address.host, smtp.address.host if smtp else ""]
    record(ctx, "mailbox.connected", box, address=box.address, servers=hosts)
    return row


def lock_connection(ctx: Context, box: Mailbox) -> MailboxConnection | None:
    """The servers of *box*, locked; None where it has none yet."""
    statement = select(MailboxConnection).where(
        MailboxConnection.provider_id == ctx.provider_id, MailboxConnection.mailbox_id == box.id
    )
    return ctx.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()


def forget_place(row: MailboxConnection) -> None:
    """Read another folder, which counts its messages anew, from its beginning."""
    row.uid_validity, row.last_uid, row.first_uid, row.stalled = None, 0, 1, 0
    row.changes_link, row.began_at = "", None


def turn_off(ctx: Context, box: Mailbox, row: MailboxConnection) -> None:
    """Turn *box* off until a test came back: its servers are others now, so their failures are over."""
    row.failures, row.failure, row.failure_words, row.failed_at = 0, "", "", None
    row.paused_at, row.claimed_until, row.next_read_at = None, None, ctx.now
    box.state, box.proven_at = "off", None
    box.version += 1


def delete_tokens(ctx: Context, box: Mailbox) -> None:
    """Forget what an OAuth service gave for *box*."""
    ctx.session.execute(
        delete(MailboxToken).where(MailboxToken.provider_id == ctx.provider_id, MailboxToken.mailbox_id == box.id)
    )


def read_secrets(row: MailboxConnection) -> dict[str, str]:
    """The passwords of a connection. Raises MailServerFailure (secret) where SECRET_KEY is not the one of then."""
    try:
        found: dict[str, str] = json.loads(decrypt(row.secrets, row.secrets_purpose))
    except Undecryptable as problem:
        raise MailServerFailure("secret") from problem
    return found


def read_account(box: Mailbox, row: MailboxConnection) -> MailAccount:
    """Where and how *box* signs in, with its passwords. Raises MailServerFailure (address, secret)."""
    secrets = read_secrets(row)
    imap = Server(_parse_stored(row.imap_url, "imap"), secrets.get("imap", "")) if row.protocol == IMAP else None
    smtp = Server(_parse_stored(row.smtp_url, "smtp"), secrets.get("smtp", "")) if row.smtp_url else None
    return MailAccount(row.provider_id, box.id, box.address, row.sign_in, row.protocol, imap, smtp)


def _parse_stored(url: str, kind: str) -> ServerAddress:
    try:
        return parse_server_url(url, kind)[0]
    except ValueError as problem:
        raise MailServerFailure("address") from problem


def read_known_secrets(row: MailboxConnection | None) -> dict[str, str]:
    """The passwords of a connection; none where there is none, or they cannot be read."""
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
