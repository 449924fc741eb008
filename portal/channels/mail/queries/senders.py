"""From whom mails about the cases of an account come: reads of `account_senders`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_

from portal.authz.scopes import scope
from portal.channels.mail.models import RETURNED_TEST, AccountSender, Mailbox, MailboxConnection, MailboxTest
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.models import Account


@dataclass(frozen=True, slots=True)
class SenderOfMails:
    """*name*: before the address, '' for the provider's. *mailbox_id*: where they come from, while it *works*: it is
    on, and reading it is not paused."""

    name: str = ""
    mailbox_id: Id | None = None
    works: bool = False


def find_account_sender(ctx: Context, account_id: Id) -> AccountSender | None:
    """What was chosen for an account; None where its mails come from the provider's sender."""
    return ctx.session.scalars(
        scope(ctx.actor, AccountSender).where(AccountSender.account_id == account_id)
    ).one_or_none()


def sender_of_mails(ctx: Context, account_id: Id) -> SenderOfMails:
    """From whom mails about cases of an account come. One statement."""
    works = func.coalesce((Mailbox.state == "on") & MailboxConnection.paused_at.is_(None), False)
    row = ctx.session.execute(
        scope(ctx.actor, AccountSender)
        .where(AccountSender.account_id == account_id)
        .outerjoin(Mailbox, Mailbox.id == AccountSender.mailbox_id)
        .outerjoin(MailboxConnection, MailboxConnection.mailbox_id == AccountSender.mailbox_id)
        .with_only_columns(AccountSender.name, AccountSender.mailbox_id, works)
    ).one_or_none()
    return SenderOfMails(*row) if row is not None else SenderOfMails()


def account_sent_from(ctx: Context, box: Mailbox | None, accounts: Iterable[Account]) -> Account | None:
    """The one of *accounts* whose mails come from *box*; None where it is none, or several."""
    if box is None:
        return None
    rows = scope(ctx.actor, AccountSender).where(AccountSender.mailbox_id == box.id)
    ids = set(ctx.session.scalars(rows.with_only_columns(AccountSender.account_id)))
    found = [account for account in accounts if account.id in ids]
    return found[0] if len(found) == 1 else None


def ids_of_account_mailboxes(ctx: Context) -> set[Id]:
    """The mailboxes that mails of some account come from."""
    rows = scope(ctx.actor, AccountSender).where(AccountSender.mailbox_id.is_not(None))
    return {one for one in ctx.session.scalars(rows.with_only_columns(AccountSender.mailbox_id).distinct()) if one}


def accounts_of_sender(ctx: Context, box: Mailbox) -> Sequence[Account]:
    """The accounts whose mails come from *box*, by name, at most 100."""
    rows = scope(ctx.actor, AccountSender).where(AccountSender.mailbox_id == box.id)
    chosen = rows.with_only_columns(AccountSender.account_id)
    return ctx.session.scalars(
        scope(ctx.actor, Account).where(Account.id.in_(chosen)).order_by(Account.name, Account.id).limit(100)
    ).all()


def list_sender_mailboxes(ctx: Context, chosen_id: Id | None = None) -> Sequence[Mailbox]:
    """The mailboxes that mails of an account may come from: a test mail has gone out through them and come back. The
    one that is chosen is among them in any case."""
    returned = scope(ctx.actor, MailboxTest).where(RETURNED_TEST)
    returned = returned.with_only_columns(MailboxTest.mailbox_id)
    passed = (Mailbox.state == "on") & Mailbox.proven_at.is_not(None) & Mailbox.id.in_(returned)
    rows = scope(ctx.actor, Mailbox).where(or_(passed, Mailbox.id == chosen_id))
    return ctx.session.scalars(rows.order_by(Mailbox.address).limit(200)).all()
