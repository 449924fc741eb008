"""Reads of mailboxes, and which provider an address leads to."""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from portal.authz.scopes import load, scope
from portal.channels.mail.models import Mailbox, MailRoute, hash_address
from portal.channels.mail.rules import bare_address
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.system_context import as_system


def provider_of_address(ctx: Context, addresses: Iterable[str]) -> Id | None:
    """The provider of the first of *addresses* that is a mailbox; reads the exempt table only."""
    wanted = [hash_address(one) for one in dict.fromkeys(filter(None, map(bare_address, addresses)))][:50]
    rows = select(MailRoute.hash, MailRoute.provider_id).where(MailRoute.hash.in_(wanted))
    found = {bytes(hash_): provider_id for hash_, provider_id in ctx.session.execute(rows)}
    return next((found[one] for one in wanted if one in found), None)


def list_mailboxes(ctx: Context) -> Sequence[Mailbox]:
    """The mailboxes of the provider, by address."""
    return ctx.session.scalars(scope(ctx.actor, Mailbox).order_by(Mailbox.address).limit(200)).all()


def mailbox(ctx: Context, mailbox_id: uuid.UUID | None, *, lock: bool = False) -> Mailbox:
    """One mailbox; NotFound otherwise."""
    return load(ctx, Mailbox, Mailbox.id == mailbox_id, lock=lock)


def find_mailbox(ctx: Context, addresses: Iterable[str]) -> Mailbox | None:
    """The first of *addresses* that is a mailbox of the provider."""
    boxes = {box.address: box for box in list_mailboxes(ctx)}
    return next((boxes[one] for one in map(bare_address, addresses) if one in boxes), None)


def reads_mail(ctx: Context) -> bool:
    """Whether a mailbox of the provider is on, so that answers to its mails arrive."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, Mailbox).where(Mailbox.state == "on").with_only_columns(Mailbox.id)
        return inner.session.scalar(rows.limit(1)) is not None
