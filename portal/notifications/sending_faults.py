"""Faults of a way out: what keeps all mails from going out through a server, and not one mail alone.

A way is the server of a mailbox, or SMTP_URL. While it has a fault its mails wait and lose no tries. One of them tries
the way again after growing pauses; when that works the others follow at once. Administrators are told when a fault
lasts.
"""

import datetime as dt

from sqlalchemy import ColumnElement, delete, select, update

from portal.authz.scopes import scope
from portal.channels.mail.queries.mailboxes import is_paused
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.kernel.mail import LASTING_FAULTS, MailNotSent
from portal.notifications.mail_rules import MAIL
from portal.notifications.models import OutgoingMail, SendingFault

FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=30), dt.timedelta(minutes=15)
# After so many failures in a row the administrators are told: at once for what passes by itself hardly ever.
TOLD_AFTER, TOLD_AFTER_LASTING = 6, 2
# Somebody else is trying the way at this moment.
TRIED_BY_ANOTHER = dt.timedelta(minutes=1)


def find_fault(ctx: Context, way: Id | None) -> SendingFault | None:
    """The fault of a way (the id of a mailbox, or None for SMTP_URL)."""
    return ctx.session.scalars(scope(ctx.actor, SendingFault).where(_is_way(way))).one_or_none()


def find_turn(ctx: Context, fault: SendingFault) -> dt.datetime | None:
    """When a mail of a way with *fault* may try again; None: now, and until this transaction ends no other does."""
    if fault.next_try_at > ctx.now:
        return fault.next_try_at + LONGEST_PAUSE
    row = select(SendingFault.id).where(SendingFault.provider_id == ctx.provider_id, SendingFault.id == fault.id)
    locked = ctx.session.scalar(row.with_for_update(skip_locked=True))
    return None if locked is not None else ctx.now + TRIED_BY_ANOTHER


def note_fault(ctx: Context, way: Id | None, address: str, problem: MailNotSent) -> dt.datetime:
    """Store that *way*, whose mails come from *address*, does not work; returns when it is tried again. Records
    `sending.paused` once the fault lasts, of which the administrators are told."""
    statement = select(SendingFault).where(SendingFault.provider_id == ctx.provider_id, _is_way(way))
    row = ctx.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if row is not None and row.next_try_at > ctx.now:
        return row.next_try_at
    if row is None:
        row = SendingFault(
            id=ids.new_id(), provider_id=ctx.provider_id, mailbox_id=way, address=address, failures=0, began_at=ctx.now
        )
        ctx.session.add(row)
    row.failures = min(row.failures + 1, 10_000)
    row.failure, row.words, row.failed_at = problem.code, str(problem).replace("\x00", "")[:300], ctx.now
    pause = min(FIRST_PAUSE * 2 ** min(row.failures - 1, 10), LONGEST_PAUSE)
    row.next_try_at = ctx.now + max(pause, problem.retry_after or dt.timedelta(0))
    ctx.session.flush()
    enough = TOLD_AFTER_LASTING if problem.code in LASTING_FAULTS else TOLD_AFTER
    if row.told_at is None and row.failures >= enough:
        row.told_at = ctx.now
        # Of a mailbox that is paused the administrators know already.
        if way is None or not is_paused(ctx, way):
            record(ctx, "sending.paused", ctx.provider, address=address, failure=row.failure, words=row.words)
    return row.next_try_at


def pass_turn(ctx: Context, fault: SendingFault | None) -> None:
    """A mail leaves without having tried its way: let another one that waits try it, if it is time."""
    if fault is not None and fault.next_try_at <= ctx.now:
        bring_waiting_forward(ctx, most=10)


def end_fault(ctx: Context, fault: SendingFault | None) -> None:
    """The server has answered about a mail: the way works, and the mails that wait for it go out at once."""
    if fault is None:
        return
    if fault.told_at is not None:
        record(ctx, "sending.resumed", ctx.provider, address=fault.address)
    ctx.session.execute(
        delete(SendingFault)
        .where(SendingFault.provider_id == ctx.provider_id, SendingFault.id == fault.id)
        .execution_options(synchronize_session=False)
    )
    bring_waiting_forward(ctx)


def forget_pauses(ctx: Context) -> None:
    """Every way with a fault may be tried at this moment, by the mails that wait for it."""
    ctx.session.execute(
        update(SendingFault)
        .where(SendingFault.provider_id == ctx.provider_id)
        .values(next_try_at=ctx.now)
        .execution_options(synchronize_session="fetch")
    )
    bring_waiting_forward(ctx)


def bring_waiting_forward(ctx: Context, most: int | None = None) -> None:
    """Try the mails now that wait because something failed, at most *most* of them."""
    waiting = scope(ctx.actor, OutgoingMail).where(OutgoingMail.state == "queued", OutgoingMail.last_error.is_not(None))
    ids_of_waiting = waiting.order_by(OutgoingMail.id).limit(most).with_only_columns(OutgoingMail.id)
    outbox.bring_forward(ctx.session, ctx.provider_id, MAIL, ids_of_waiting, ctx.now)


def _is_way(way: Id | None) -> ColumnElement[bool]:
    return SendingFault.mailbox_id.is_(None) if way is None else SendingFault.mailbox_id == way
