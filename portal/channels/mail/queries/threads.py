"""What mails that go out need of mails that came in: where answers go, and the Message-ID that a thread began with."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.detail import by_key
from portal.channels.mail.models import InboundMail, Mailbox
from portal.channels.mail.queries.mailboxes import list_mailboxes, mailbox
from portal.channels.mail.queries.reply_addresses import reply_address
from portal.channels.mail.queries.senders import SenderOfMails, ids_of_account_mailboxes, sender_of_mails
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.models import Account


def answer_address(ctx: Context, case_key: str, user_id: Id, *, to_staff: bool = False) -> str:
    """The address to which *user_id* answers about a case by mail: bound to them, or the mailbox itself where its name
    leaves no room; '' where no mailbox is read."""
    case = by_key(ctx, case_key)
    box = choose_mailbox(ctx, case, find_sender(ctx, case, to_staff=to_staff))
    return (reply_address(ctx, box.address, case_key, user_id) or box.address) if box is not None else ""


def find_sender(ctx: Context, case: Case | None, *, to_staff: bool = False) -> SenderOfMails:
    """From whom mails about *case* come: what its account has chosen, for its own people only."""
    return sender_of_mails(ctx, case.account_id) if case is not None and not to_staff else SenderOfMails()


def choose_mailbox(ctx: Context, case: Case | None, sender: SenderOfMails | None = None) -> Mailbox | None:
    """The mailbox that mails about *case* (None: about none) come from, of those that are on: that of its account
    (*sender*) while it works, the one that the case arrived in, that of its department, that of the provider's address,
    or the first."""
    if case is None:
        return choose_mailbox_of_account(ctx, sender)
    arrived_in, department_id = _arrival(ctx, case.id), case.department_id
    return choose_mailbox_of_account(
        ctx,
        sender,
        lambda box: box.id == arrived_in,
        lambda box: department_id is not None and box.department_id == department_id,
    )


def choose_mailbox_of_account(
    ctx: Context, sender: SenderOfMails | None, *preferences: Callable[[Mailbox], bool]
) -> Mailbox | None:
    """The mailbox of *sender* while it works, else the first that *preferences* name in their order, that of the
    provider's address, or any that is on: one that is no account's own, if there is one."""
    sender = sender or SenderOfMails()
    boxes = [box for box in list_mailboxes(ctx) if box.state == "on"]
    if sender.mailbox_id is not None and not sender.works:
        boxes = [box for box in boxes if box.id != sender.mailbox_id] or boxes
    preferred: list[Callable[[Mailbox], bool]] = [
        lambda box: box.id == sender.mailbox_id,
        *preferences,
        lambda box: box.address == ctx.provider.support_email.lower(),
    ]
    for prefers in preferred:
        for box in boxes:
            if prefers(box):
                return box
    owned = ids_of_account_mailboxes(ctx) if len(boxes) > 1 else ()
    return min(boxes, key=lambda box: (box.id in owned, box.address), default=None)


@dataclass(frozen=True, slots=True)
class AccountSenderNow:
    """From whom mails about cases of an account come now; *address*: '' for that of the installation. *left_out*: the
    mailbox that was chosen and is 'off' or 'paused' (*why*); '' where none is."""

    name: str
    address: str
    left_out: str = ""
    why: str = ""


def sender_of_account(ctx: Context, account: Account) -> AccountSenderNow:
    """From whom mails about new cases of *account* come at this moment."""
    sender = sender_of_mails(ctx, account.id)
    box = choose_mailbox_of_account(ctx, sender)
    now = AccountSenderNow(sender.name or ctx.provider.called, box.address if box is not None else "")
    if sender.mailbox_id is None or sender.works:
        return now
    chosen = mailbox(ctx, sender.mailbox_id)
    return replace(now, left_out=chosen.address, why="paused" if chosen.state == "on" else "off")


def _arrival(ctx: Context, case_id: Id) -> Id | None:
    """The mailbox in which the case began as a mail; None for other cases."""
    rows = scope(ctx.actor, InboundMail).where(InboundMail.case_id == case_id, InboundMail.fate == "case")
    return ctx.session.scalar(rows.order_by(InboundMail.id).with_only_columns(InboundMail.mailbox_id).limit(1))


def first_message_id(ctx: Context, case_id: Id) -> str:
    """The sender's own Message-ID of the mail that opened the case, without brackets; '' if it began otherwise.
    Outlook shows mails together by it alone."""
    rows = scope(ctx.actor, InboundMail).where(InboundMail.case_id == case_id, InboundMail.fate == "case")
    return ctx.session.scalar(rows.with_only_columns(InboundMail.message_id).order_by(InboundMail.id).limit(1)) or ""
