"""Reads of mailboxes, and which provider an address leads to."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, select, true

from portal.authz.scopes import load, scope
from portal.channels.mail.models import (
    UNFINISHED_TEST,
    InboundMail,
    Mailbox,
    MailboxConnection,
    MailboxTest,
    MailboxToken,
    MailRoute,
    hash_address,
)
from portal.channels.mail.rules import bare_address
from portal.channels.mail.servers.address import ServerAddress, parse_server_url
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.request_cache import RequestCache
from portal.kernel.statement_cache import cached_select
from portal.kernel.system_context import as_system


def provider_of_address(ctx: Context, addresses: Iterable[str]) -> Id | None:
    """The provider of the first of *addresses* that is a mailbox; reads the exempt table only."""
    wanted = [hash_address(one) for one in dict.fromkeys(filter(None, map(bare_address, addresses)))][:50]
    rows = select(MailRoute.hash, MailRoute.provider_id).where(MailRoute.hash.in_(wanted))
    found = {bytes(hash_): provider_id for hash_, provider_id in ctx.session.execute(rows)}
    return next((found[one] for one in wanted if one in found), None)


# Intake asks for them at five places of one decision.
_mailboxes: RequestCache[Id, Sequence[Mailbox]] = RequestCache()


def list_mailboxes(ctx: Context) -> Sequence[Mailbox]:
    """The mailboxes of the provider, by address; read once in a unit of work, and again after `forget_mailboxes`."""
    return _mailboxes.load(ctx, ctx.provider_id, lambda: ctx.session.scalars(cached_select(ctx, _all_mailboxes)).all())


def _all_mailboxes(actor: Actor) -> Select[Mailbox]:
    return scope(actor, Mailbox).order_by(Mailbox.address).limit(200)


def forget_mailboxes(ctx: Context) -> None:
    """Let `list_mailboxes` read again, after one was added."""
    _mailboxes.clear(ctx)


def mailbox(ctx: Context, mailbox_id: uuid.UUID | None, *, lock: bool = False) -> Mailbox:
    """One mailbox; NotFound otherwise."""
    return load(ctx, Mailbox, Mailbox.id == mailbox_id, lock=lock)


def find_connection(ctx: Context, box: Mailbox) -> MailboxConnection | None:
    """The servers of *box*; None where a server passes its mail on."""
    rows = scope(ctx.actor, MailboxConnection).where(MailboxConnection.mailbox_id == box.id)
    return ctx.session.scalars(rows).one_or_none()


def read_server_addresses(row: MailboxConnection) -> tuple[ServerAddress, ServerAddress | None]:
    """(the server that is read, the server that sends) of a connection by IMAP; None for SMTP_URL. Raises ValueError
    for an address that cannot be read."""
    sends = parse_server_url(row.smtp_url, "smtp")[0] if row.smtp_url else None
    return parse_server_url(row.imap_url, "imap")[0], sends


def list_connections(ctx: Context) -> dict[Id, MailboxConnection]:
    """The servers of the provider's mailboxes, by mailbox."""
    rows = ctx.session.scalars(scope(ctx.actor, MailboxConnection).limit(200))
    return {row.mailbox_id: row for row in rows}


def connection_ids(ctx: Context) -> list[Id]:
    """The mailboxes that are read by IMAP, the one that waits longest first."""
    rows = scope(ctx.actor, MailboxConnection).order_by(MailboxConnection.next_read_at, MailboxConnection.id)
    return list(ctx.session.scalars(rows.with_only_columns(MailboxConnection.id)))


def connected_address(ctx: Context, connection_id: Id) -> str:
    """The address of the mailbox that a connection belongs to; '' where it is gone."""
    row = scope(ctx.actor, Mailbox).join(MailboxConnection, MailboxConnection.mailbox_id == Mailbox.id)
    return ctx.session.scalar(row.where(MailboxConnection.id == connection_id).with_only_columns(Mailbox.address)) or ""


def is_paused(ctx: Context, mailbox_id: Id) -> bool:
    """Whether a mailbox is not read any more, because it failed too often."""
    rows = scope(ctx.actor, MailboxConnection).where(
        MailboxConnection.mailbox_id == mailbox_id, MailboxConnection.paused_at.is_not(None)
    )
    return ctx.session.scalar(rows.with_only_columns(MailboxConnection.id)) is not None


def is_reading_behind(ctx: Context, moment: dt.datetime) -> bool:
    """Whether a mailbox that is on has not been read past *moment*: it is paused, fails, or was not its turn yet."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, MailboxConnection).join(Mailbox, Mailbox.id == MailboxConnection.mailbox_id)
        rows = rows.where(Mailbox.state == "on", func.coalesce(MailboxConnection.read_at <= moment, true()))
        return inner.session.scalar(rows.with_only_columns(MailboxConnection.id).limit(1)) is not None


def mailbox_test(ctx: Context, test_id: Id) -> MailboxTest:
    """One test; NotFound otherwise."""
    return load(ctx, MailboxTest, MailboxTest.id == test_id)


def latest_test(ctx: Context, box: Mailbox) -> MailboxTest | None:
    """The newest test of *box*."""
    rows = scope(ctx.actor, MailboxTest).where(MailboxTest.mailbox_id == box.id).order_by(MailboxTest.id.desc())
    return ctx.session.scalars(rows.limit(1)).one_or_none()


def open_test_ids(ctx: Context) -> list[Id]:
    """The tests that have not ended, in the order of their beginnings."""
    rows = scope(ctx.actor, MailboxTest).where(UNFINISHED_TEST).order_by(MailboxTest.id)
    return list(ctx.session.scalars(rows.with_only_columns(MailboxTest.id).limit(50)))


def has_taken_mail(ctx: Context, box: Mailbox) -> bool:
    """Whether a mail to *box* became a case or a reply."""
    rows = scope(ctx.actor, InboundMail).where(
        InboundMail.mailbox_id == box.id, InboundMail.fate.in_(["case", "comment"])
    )
    return ctx.session.scalar(rows.with_only_columns(InboundMail.id).limit(1)) is not None


def find_mailbox(ctx: Context, addresses: Iterable[str]) -> Mailbox | None:
    """The first of *addresses* that is a mailbox of the provider."""
    boxes = {box.address: box for box in list_mailboxes(ctx)}
    return next((boxes[one] for one in map(bare_address, addresses) if one in boxes), None)


def list_known_messages(ctx: Context, names: Iterable[str]) -> set[str]:
    """Those of *names* (`rules.hash_message_name`) whose messages were taken in."""
    rows = scope(ctx.actor, InboundMail).where(InboundMail.external_id.in_(list(names)))
    return {name for name in ctx.session.scalars(rows.with_only_columns(InboundMail.external_id)) if name}


def find_token(ctx: Context, box: Mailbox) -> MailboxToken | None:
    """What an OAuth service gave for *box*; None where nobody has given the permission yet."""
    rows = scope(ctx.actor, MailboxToken).where(MailboxToken.mailbox_id == box.id)
    return ctx.session.scalars(rows).one_or_none()


def reads_mail(ctx: Context) -> bool:
    """Whether a mailbox of the provider is on, so that answers to its mails arrive."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, Mailbox).where(Mailbox.state == "on").with_only_columns(Mailbox.id)
        return inner.session.scalar(rows.limit(1)) is not None
