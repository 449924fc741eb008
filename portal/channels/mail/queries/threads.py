"""What mails that go out need of mails that came in: where answers go, and the Message-ID that a thread began with."""

from collections.abc import Callable

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.detail import by_key
from portal.channels.mail.models import InboundMail, Mailbox
from portal.channels.mail.queries.mailboxes import list_mailboxes
from portal.channels.mail.queries.reply_addresses import reply_address
from portal.kernel.actor import Id
from portal.kernel.context import Context


def answer_address(ctx: Context, case_key: str, user_id: Id) -> str:
    """The address to which *user_id* answers about a case by mail: bound to them, or the mailbox itself where its name
    leaves no room; '' where no mailbox is read."""
    box = choose_mailbox(ctx, by_key(ctx, case_key))
    return (reply_address(ctx, box.address, case_key, user_id) or box.address) if box is not None else ""


def choose_mailbox(ctx: Context, case: Case | None) -> Mailbox | None:
    """The mailbox that mails about *case* (None: about none) come from, of those that are on: the one that the case
    arrived in, that of its department, that of the provider's address, or the first."""
    boxes = [box for box in list_mailboxes(ctx) if box.state == "on"]
    preferred: list[Callable[[Mailbox], bool]] = [lambda box: box.address == ctx.provider.support_email.lower()]
    if case is not None:
        arrived_in, department_id = _arrival(ctx, case.id), case.department_id
        preferred = [
            lambda box: box.id == arrived_in,
            lambda box: department_id is not None and box.department_id == department_id,
            *preferred,
        ]
    chosen = (box for prefers in preferred for box in boxes if prefers(box))
    return next(chosen, boxes[0] if boxes else None)


def _arrival(ctx: Context, case_id: Id) -> Id | None:
    """The mailbox in which the case began as a mail; None for other cases."""
    rows = scope(ctx.actor, InboundMail).where(InboundMail.case_id == case_id, InboundMail.fate == "case")
    return ctx.session.scalar(rows.order_by(InboundMail.id).with_only_columns(InboundMail.mailbox_id).limit(1))


def first_message_id(ctx: Context, case_id: Id) -> str:
    """The sender's own Message-ID of the mail that opened the case, without brackets; '' if it began otherwise.
    Outlook shows mails together by it alone."""
    rows = scope(ctx.actor, InboundMail).where(InboundMail.case_id == case_id, InboundMail.fate == "case")
    return ctx.session.scalar(rows.with_only_columns(InboundMail.message_id).order_by(InboundMail.id).limit(1)) or ""
