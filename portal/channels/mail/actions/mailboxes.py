"""Adding and changing mailboxes."""

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.channels.mail.models import Mailbox, MailRoute, hash_address
from portal.channels.mail.queries.mailboxes import forget_mailboxes
from portal.channels.mail.rules import bare_address
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record


def add_mailbox(
    ctx: Context,
    address: str,
    *,
    department_id: Id | None = None,
    request_type_id: Id | None = None,
    is_proven: bool = True,
) -> Mailbox:
    """Read mail to *address*; records `mailbox.added`. It is on if *is_proven*: whoever adds it vouches that its mail
    arrives; else a test turns it on. Raises Refused (field address) for no address, for one with a `+tag`, and for one
    that is read already, here or elsewhere in the installation."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    try:
        clean = validate_email(address.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as problem:
        raise Refused(_("Write one email address, such as support@example.com"), "address") from problem
    if bare_address(clean) != clean:
        raise Refused(_("Write the address without a “+”: what follows it belongs to single cases"), "address")
    taken = ctx.session.scalar(select(MailRoute.provider_id).where(MailRoute.hash == hash_address(clean)))
    if taken is not None:
        raise Refused(_("%(address)s is read already", address=clean), "address")
    ctx.session.add(MailRoute(hash=hash_address(clean), provider_id=ctx.provider_id))
    row = Mailbox(
        provider_id=ctx.provider_id,
        address=clean,
        department_id=department_id,
        request_type_id=request_type_id,
        state="on" if is_proven else "off",
        proven_at=ctx.now if is_proven else None,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    forget_mailboxes(ctx)
    record(ctx, "mailbox.added", row, address=clean)
    return row


def switch_mailbox(ctx: Context, row: Mailbox, *, on: bool) -> None:
    """Turn a mailbox on or off; records `mailbox.changed`. While it is off, mails that a server passes on wait in
    quarantine, and others stay on their server. Raises Refused for one whose test has not come back."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if on and row.proven_at is None:
        raise Refused(_("Test the mailbox first: an email must go out through it and come back."))
    state = "on" if on else "off"
    if row.state != state:
        before, row.state = row.state, state
        row.version += 1
        record(ctx, "mailbox.changed", row, address=row.address, state=[before, state])


def route_mailbox(ctx: Context, row: Mailbox, *, department_id: Id | None, request_type_id: Id | None) -> None:
    """Change where new cases of a mailbox go; records `mailbox.changed`."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if (row.department_id, row.request_type_id) != (department_id, request_type_id):
        row.department_id, row.request_type_id = department_id, request_type_id
        row.version += 1
        record(ctx, "mailbox.changed", row, address=row.address)


def release_address(ctx: Context, row: Mailbox) -> None:
    """Let another mailbox of the installation have the address of *row*, which was deleted."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    ctx.session.execute(delete(MailRoute).where(MailRoute.hash == hash_address(row.address)))
