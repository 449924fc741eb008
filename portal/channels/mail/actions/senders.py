"""Choosing from whom mails about the cases of an account come."""

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.channels.mail.models import AccountSender
from portal.channels.mail.queries.mailboxes import mailbox
from portal.channels.mail.queries.senders import find_account_sender, list_sender_mailboxes
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.text import clean_line
from portal.tenants.models import Account

LONGEST_NAME = 100


def choose_account_sender(ctx: Context, account: Account, *, name: str, mailbox_id: Id | None) -> None:
    """Let mails about cases of *account* come from a mailbox, under a name; without both from the provider's sender.

    Records `account.sender_changed`. Raises Refused (field mailbox) for a mailbox whose test has not come back, and
    (field name) for a name that looks like an address: whoever reads it would take it for the sender's.
    """
    require(ctx.actor, Permission.PROVIDER_CONNECT, account)
    name = clean_line(name)
    if len(name) > LONGEST_NAME:
        raise Refused(_("Write at most %(num)d letters", num=LONGEST_NAME), "name")
    if "@" in name:
        raise Refused(_("Write a name without an email address"), "name")
    row = find_account_sender(ctx, account.id)
    before = (row.name, row.mailbox_id) if row is not None else ("", None)
    if mailbox_id is not None:
        mailbox_id = mailbox(ctx, mailbox_id).id
        if mailbox_id not in {box.id for box in list_sender_mailboxes(ctx, before[1])}:
            raise Refused(
                _("Test the mailbox first: an email must go out through it and come back."),
                "mailbox",
            )
    if (name, mailbox_id) == before:
        return
    if row is None:
        row = AccountSender(provider_id=ctx.provider_id, organization_id=account.organization_id, account_id=account.id)
        ctx.session.add(row)
    row.name, row.mailbox_id = name, mailbox_id
    if not name and mailbox_id is None:
        ctx.session.expunge(row)
        ctx.session.execute(
            delete(AccountSender).where(
                AccountSender.provider_id == ctx.provider_id, AccountSender.account_id == account.id
            )
        )
    ctx.session.flush()
    record(ctx, "account.sender_changed", account, sender=[before[0], name], mailbox=str(mailbox_id or ""))
