"""Signing a mailbox in by OAuth: its application, the permission that an administrator gives, and its tokens."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
from contextlib import suppress
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.channels.mail.actions import connections, reading
from portal.channels.mail.actions.mailbox_tests import start_test
from portal.channels.mail.models import (
    GOOGLE,
    GRAPH,
    IMAP,
    MICROSOFT_APP,
    Mailbox,
    MailboxConnection,
    MailboxToken,
)
from portal.channels.mail.queries import mailboxes as queries
from portal.channels.mail.servers import oauth
from portal.channels.mail.servers.address import ServerAddress, parse_server_url
from portal.channels.mail.servers.failures import CONSENT_ENDED, MailServerFailure
from portal.channels.mail.servers.oauth import TokenSet
from portal.channels.mail.servers.services import ANY_TENANT, OAuthClient, ServiceSettings, build_client, service_of
from portal.kernel import tokens as signing
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.encryption import Undecryptable, decrypt, encrypt
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record

# A token is renewed so long before it ends.
LEEWAY = dt.timedelta(minutes=5)
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
# Directories that are no single one: an application cannot sign in there.
_SEVERAL_TENANTS = frozenset({"", ANY_TENANT, "common", "consumers"})


@dataclass(frozen=True, slots=True)
class OAuthChoice:
    """How a mailbox is to sign in: *sign_in* and *protocol* as of a connection, and the application; '' for that of the
    installation. An empty *client_secret* keeps the stored one."""

    sign_in: str
    protocol: str = IMAP
    tenant: str = ""
    client_id: str = ""
    client_secret: str = ""


def connect_by_oauth(ctx: Context, box: Mailbox, choice: OAuthChoice, settings: ServiceSettings) -> MailboxConnection:
    """Let *box* sign in as *choice* says; records `mailbox.connected`.

    Another way, application or protocol than before turns the mailbox off until a test came back, and the permission
    must be given anew. Raises Refused (field tenant, client_id or client_secret).
    """
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    row = connections.lock_connection(ctx, box)
    protocol = choice.protocol if choice.sign_in != GOOGLE else IMAP
    tenant = _check_tenant(choice)
    secrets = _choose_secrets(row, choice, settings)
    imap, smtp = _list_servers(box, choice.sign_in, protocol, settings)
    if row is None:
        row = MailboxConnection(provider_id=ctx.provider_id, mailbox_id=box.id)
        ctx.session.add(row)
    now = (choice.sign_in, protocol, tenant, choice.client_id, imap, smtp)
    before = (row.sign_in, row.protocol, row.tenant, row.client_id, row.imap_url, row.smtp_url)
    is_other = now != before
    if before[1] != protocol or before[4] != imap:
        connections.forget_place(row)
    row.sign_in, row.protocol, row.tenant, row.client_id, row.imap_url, row.smtp_url = now
    row.secrets = encrypt(json.dumps(secrets), row.secrets_purpose)
    if is_other:
        connections.delete_tokens(ctx, box)
        connections.turn_off(ctx, box, row)
    ctx.session.flush()
    hosts = [parse_server_url(url, kind)[0].host for url, kind in ((imap, "imap"), (smtp, "smtp")) if url]
    record(ctx, "mailbox.connected", box, address=box.address, servers=hosts or [settings.graph_url])
    if choice.sign_in == MICROSOFT_APP:
        _go_on(ctx, box, row)
    return row


def derive_verifier(state: str) -> str:
    """The PKCE verifier of the consent with *state*: nothing of it is stored, and no browser knows it."""
    key = signing.signing_key("consent of a mailbox")
    return base64.urlsafe_b64encode(hmac.digest(key, state.encode(), hashlib.sha256)).rstrip(b"=").decode()


def begin_consent(
    connection: MailboxConnection, box: Mailbox, settings: ServiceSettings, state: str, redirect_uri: str
) -> str:
    """Where the browser of an administrator goes to give the permission. Raises MailServerFailure."""
    client = find_client(connection, settings)
    return oauth.build_authorization_url(client, state, derive_verifier(state), redirect_uri, box.address)


def fetch_consent(
    connection: MailboxConnection, settings: ServiceSettings, state: str, code: str, redirect_uri: str
) -> TokenSet:
    """What the service gives for *code*, which an administrator brought back with *state*. Raises MailServerFailure."""
    client = find_client(connection, settings)
    try:
        return oauth.fetch_by_code(client, code, derive_verifier(state), redirect_uri)
    except MailServerFailure as failure:
        failure.leave_out(code)
        raise


def store_consent(ctx: Context, box: Mailbox, tokens: TokenSet) -> None:
    """Keep what the service gave for the code that an administrator brought; records `mailbox.authorized`.

    Then the mailbox is tested, or read again if it was on. Raises MailServerFailure: code 'short' where the service
    gave no refresh token, 'changed' where the mailbox signs in another way meanwhile.
    """
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if not tokens.refresh:
        raise MailServerFailure("short")
    connection = connections.lock_connection(ctx, box)
    if connection is None or connection.sign_in == MICROSOFT_APP:
        raise MailServerFailure("changed")
    row = _lock(ctx, box.id)
    if row is None:
        row = MailboxToken(provider_id=ctx.provider_id, mailbox_id=box.id)
        ctx.session.add(row)
    row.granted_at, row.ended_at = ctx.now, None
    _write(ctx, row, tokens)
    record(ctx, "mailbox.authorized", box, address=box.address)
    _go_on(ctx, box, connection)


def renew_token(
    ctx: Context, mailbox_id: Id, settings: ServiceSettings, *, rejected: str = ""
) -> str | MailServerFailure:
    """A token that is valid for LEEWAY at least, and is not *rejected*, or why there is none.

    The row is locked while the service is asked, so that of two workers one renews the token and the other takes what
    came of it. A permission that ended is returned, not raised: that it ended, and the pause, are stored.
    """
    box = ctx.session.get(Mailbox, mailbox_id)
    connection = queries.find_connection(ctx, box) if box is not None else None
    if box is None or connection is None:
        return MailServerFailure("no_consent")
    row = _lock(ctx, mailbox_id)
    if row is None:  # there is nothing to lock yet: of two workers one makes the row
        connections.lock_connection(ctx, box)
        row = _lock(ctx, mailbox_id)
    try:
        known = _read(row)
        if row is not None and row.ended_at is None and known.access != rejected and row.expires_at > ctx.now + LEEWAY:
            return known.access
        client = find_client(connection, settings)
        if connection.sign_in == MICROSOFT_APP:
            fresh = oauth.fetch_as_application(client)
        elif row is None:
            raise MailServerFailure("no_consent")
        elif row.ended_at is not None or not known.refresh:
            raise MailServerFailure("consent")
        else:
            fresh = oauth.fetch_by_refresh(client, known.refresh)
    except MailServerFailure as failure:
        if failure.code in CONSENT_ENDED:
            if row is not None:
                row.ended_at = row.ended_at or ctx.now
            if box.state == "on":
                reading.fail_reading(ctx, connection.id, failure)
        return failure
    if row is None:
        row = MailboxToken(provider_id=ctx.provider_id, mailbox_id=mailbox_id, granted_at=ctx.now)
        ctx.session.add(row)
    row.ended_at = None
    _write(ctx, row, fresh)
    return fresh.access


def find_client(connection: MailboxConnection, settings: ServiceSettings) -> OAuthClient:
    """The application of a mailbox at its service. Raises MailServerFailure (secret, client)."""
    secret = connections.read_secrets(connection).get("client", "")
    client = build_client(
        settings, connection.sign_in, connection.protocol, connection.tenant, connection.client_id, secret
    )
    if not client.client_id:
        raise MailServerFailure("client")
    return client


def _go_on(ctx: Context, box: Mailbox, connection: MailboxConnection) -> None:
    """Test a mailbox that was never proven; read one that was, again."""
    if box.proven_at is None:
        with suppress(Conflict):  # a test that runs goes on with the new permission
            start_test(ctx, box)
        reading.wake_reader(ctx)
    else:
        reading.resume_reading(ctx, connection)


def _check_tenant(choice: OAuthChoice) -> str:
    if choice.sign_in == GOOGLE:
        return ""
    if choice.tenant and not _TENANT.fullmatch(choice.tenant):
        raise Refused(_("Write the ID or a domain of the directory, such as example.onmicrosoft.com"), "tenant")
    if choice.sign_in == MICROSOFT_APP and choice.tenant.lower() in _SEVERAL_TENANTS:
        raise Refused(_("An application signs in at one directory: write its ID or domain"), "tenant")
    return choice.tenant


def _choose_secrets(row: MailboxConnection | None, choice: OAuthChoice, settings: ServiceSettings) -> dict[str, str]:
    """The secret of the application. A stored one belongs to one application at one service, and goes to no other."""
    if not choice.client_id:
        if not settings.clients[service_of(choice.sign_in)][0]:
            raise Refused(_("Write the ID of the application that you registered for this portal"), "client_id")
        return {}
    if choice.client_secret and choice.client_secret.isprintable():
        return {"client": choice.client_secret}
    if row is not None and not choice.client_secret and row.sign_in != "password":
        is_same = (service_of(row.sign_in), row.client_id) == (service_of(choice.sign_in), choice.client_id)
        known = connections.read_known_secrets(row).get("client", "")
        if is_same and row.tenant == choice.tenant and known:
            return {"client": known}
    raise Refused(_("Write the client secret"), "client_secret")


def _list_servers(box: Mailbox, sign_in: str, protocol: str, settings: ServiceSettings) -> tuple[str, str]:
    """(IMAP, SMTP) of the service as stored addresses, with the mailbox as their user; ('', '') with Graph."""
    if protocol == GRAPH:
        return "", ""
    service = service_of(sign_in)
    urls = []
    for kind, url in (("imap", settings.imap_urls[service]), ("smtp", settings.smtp_urls[service])):
        server = parse_server_url(url, kind)[0]
        urls.append(ServerAddress(server.scheme, server.host, server.port, box.address).url)
    return urls[0], urls[1]


def _read(row: MailboxToken | None) -> TokenSet:
    """The stored tokens; empty ones where there are none. Raises MailServerFailure (secret)."""
    if row is None:
        return TokenSet("", "", 0)
    try:
        found = json.loads(decrypt(row.tokens, row.purpose))
    except Undecryptable as problem:
        raise MailServerFailure("secret") from problem
    return TokenSet(found["access"], found["refresh"], 0)


def _write(ctx: Context, row: MailboxToken, tokens: TokenSet) -> None:
    row.tokens = encrypt(json.dumps({"access": tokens.access, "refresh": tokens.refresh}), row.purpose)
    row.expires_at = ctx.now + dt.timedelta(seconds=tokens.seconds)
    ctx.session.flush()


def _lock(ctx: Context, mailbox_id: Id) -> MailboxToken | None:
    statement = select(MailboxToken).where(
        MailboxToken.provider_id == ctx.provider_id, MailboxToken.mailbox_id == mailbox_id
    )
    return ctx.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()
