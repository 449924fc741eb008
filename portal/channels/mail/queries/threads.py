"""What mails that go out need of mails that came in: where answers go, and the Message-ID that a thread began with."""

from portal.authz.scopes import scope
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.mailboxes import list_mailboxes
from portal.channels.mail.queries.reply_addresses import reply_address
from portal.kernel.actor import Id
from portal.kernel.context import Context


def answer_address(ctx: Context, case_key: str, user_id: Id) -> str:
    """The address to which *user_id* answers about a case by mail: bound to them, or the mailbox itself where its name
    leaves no room; '' where no mailbox is read."""
    boxes = [box.address for box in list_mailboxes(ctx) if box.state == "on"]
    if not boxes:
        return ""
    known = ctx.provider.support_email.lower()
    box = known if known in boxes else boxes[0]
    return reply_address(ctx, box, case_key, user_id) or box


def first_message_id(ctx: Context, case_id: Id) -> str:
    """The sender's own Message-ID of the mail that opened the case, without brackets; '' if it began otherwise.
    Outlook shows mails together by it alone."""
    rows = scope(ctx.actor, InboundMail).where(InboundMail.case_id == case_id, InboundMail.fate == "case")
    return ctx.session.scalar(rows.with_only_columns(InboundMail.message_id).order_by(InboundMail.id).limit(1)) or ""
