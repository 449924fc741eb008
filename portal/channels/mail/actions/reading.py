"""How far a mailbox was read: claims, the place after each message, failures, pauses."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.channels.mail.actions.connections import read_account
from portal.channels.mail.models import InboundMail, Mailbox, MailboxConnection
from portal.channels.mail.rules import POLL_JOB
from portal.channels.mail.servers.accounts import MailAccount
from portal.channels.mail.servers.failures import CONSENT_ENDED, LASTING, MailServerFailure
from portal.channels.mail.servers.imap import FolderState
from portal.kernel import ids, jobs, uow
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.kernel.storage import storage

# The interval between two looks into a mailbox that works.
READ_EVERY = dt.timedelta(seconds=30)
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(minutes=15)
# After so many failures in a row the administrators are told; a refused password is told earlier, because servers
# lock who tries it too often.
PAUSE_AFTER, PAUSE_AFTER_LASTING = 6, 2
# A mailbox that is paused because its server does not answer is tried again so often.
PAUSED_EVERY = dt.timedelta(hours=1)
# A message at which reading ended so often is set aside.
MOST_STALLS = 3
_CLAIM = dt.timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What a reader needs to know of a mailbox that it claimed."""

    connection_id: Id
    mailbox_id: Id
    account: MailAccount
    # Whether reading ended so often at the next message that it is set aside.
    sets_aside: bool

    @property
    def address(self) -> str:
        """The address of the mailbox."""
        return self.account.address


def wake_reader(ctx: Context) -> None:
    """Read mailboxes, and carry on their tests, as soon as the work of *ctx* is committed."""
    uow.call_after_commit(ctx.session, partial(jobs.wake_job, POLL_JOB))


def claim_mailbox(ctx: Context, connection_id: Id, *, now_wanted: bool = False) -> ReadingPlan | None:
    """Claim a mailbox for one reader; None where it is off, paused, not due, or claimed by another.

    *now_wanted*: also before it is due. Raises MailServerFailure (address, secret).
    """
    row = _lock(ctx, connection_id)
    if row is None or (row.claimed_until is not None and row.claimed_until > ctx.now):
        return None
    box = ctx.session.get_one(Mailbox, row.mailbox_id)
    if box.state != "on" or row.next_read_at is None or (row.next_read_at > ctx.now and not now_wanted):
        return None
    account = read_account(box, row)
    row.claimed_until = ctx.now + _CLAIM
    return ReadingPlan(row.id, box.id, account, row.stalled >= MOST_STALLS)


def begin_reading(ctx: Context, connection_id: Id, state: FolderState) -> tuple[int, int]:
    """(last UID that was taken in, first UID that was not there before reading began), for the folder as it is now.

    With another UIDVALIDITY the UIDs mean other messages: reading begins anew, with what nobody has read.
    """
    row = _lock(ctx, connection_id)
    assert row is not None
    if row.uid_validity != state.uid_validity:
        row.uid_validity, row.last_uid, row.first_uid, row.stalled = state.uid_validity, 0, state.uid_next, 0
    return row.last_uid, row.first_uid


def begin_changes(ctx: Context, connection_id: Id) -> tuple[str, dt.datetime]:
    """(link to the next changes, since when the mailbox is read) with Graph; the link is '' at the beginning."""
    row = _lock(ctx, connection_id)
    assert row is not None
    row.began_at = row.began_at or ctx.now
    return row.changes_link, row.began_at


def take_message(ctx: Context, connection_id: Id, link: str) -> bool:
    """Say, in the transaction that takes in a message of the page at *link*, that reading goes on. False, and nothing
    may be stored, where another reader has left that page."""
    row = _lock(ctx, connection_id)
    if row is None or row.changes_link != link:
        return False
    row.stalled, row.claimed_until = 0, ctx.now + _CLAIM
    return True


def turn_page(ctx: Context, connection_id: Id, link: str, following: str) -> bool:
    """Store that everything on the page at *link* is done; False where another reader has left it."""
    row = _lock(ctx, connection_id)
    if row is None or row.changes_link != link:
        return False
    row.changes_link, row.stalled = following, 0
    return True


def restart_changes(ctx: Context, connection_id: Id) -> None:
    """Begin anew where the server has forgotten the place, as after another UIDVALIDITY: with what nobody has read.
    What was taken in is known by its id."""
    row = _lock(ctx, connection_id)
    if row is not None:
        row.changes_link, row.stalled = "", 0


def count_stall(ctx: Context, connection_id: Id) -> None:
    """A batch begins; `move_on` forgets it. So a message that ends its worker again and again is found."""
    row = _lock(ctx, connection_id)
    if row is not None:
        row.stalled += 1


def move_on(ctx: Context, connection_id: Id, state: FolderState, uid: int) -> bool:
    """Store that everything up to *uid* is done, in the transaction that does it. False, and nothing may be stored,
    where another reader has been further, or the folder is another one."""
    row = _lock(ctx, connection_id)
    if row is None or row.uid_validity != state.uid_validity or row.last_uid >= uid:
        return False
    row.last_uid, row.stalled, row.claimed_until = uid, 0, ctx.now + _CLAIM
    return True


def set_aside(ctx: Context, plan: ReadingPlan, message: int | str, raw: bytes, received_at: dt.datetime) -> InboundMail:
    """Store *message*, its UID or the hash of its id, unread by any parser, in quarantine: it ended the worker."""
    row = InboundMail(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        mailbox_id=plan.mailbox_id,
        received_at=received_at,
        road=plan.account.protocol,
        external_id=message if isinstance(message, str) else None,
        recipient=plan.address,
        message_id="",
        content_hash="",
        sender_email="",
        sender_name="",
        subject="",
        message_class="human",
        trusted=False,
        fate="quarantine",
        reason="set_aside",
        size=len(raw),
        facts={"uid": message},
    )
    storage().write(row.storage_name, [raw])
    ctx.session.add(row)
    ctx.session.flush()
    return row


def finish_reading(ctx: Context, connection_id: Id, *, more: bool) -> None:
    """Give a mailbox back after reading; *more*: there is more to read at once."""
    row = _lock(ctx, connection_id)
    if row is None:
        return
    row.claimed_until = None
    row.next_read_at = ctx.now if more else ctx.now + READ_EVERY
    if not more:
        row.read_at = ctx.now
    if row.paused_at is not None:
        _resume(ctx, row)
    row.failures, row.failure, row.failure_words, row.failed_at = 0, "", "", None


def fail_reading(ctx: Context, connection_id: Id, failure: MailServerFailure) -> None:
    """Note why a mailbox could not be read, and when it is tried again; records `mailbox.paused` once it failed too
    often, of which the administrators are notified."""
    row = _lock(ctx, connection_id)
    if row is None:
        return
    row.claimed_until = None
    row.failures = min(row.failures + 1, 10_000)
    row.failure, row.failure_words, row.failed_at = failure.code, failure.words, ctx.now
    lasting = failure.code in LASTING
    enough = PAUSE_AFTER_LASTING if lasting else PAUSE_AFTER
    if row.paused_at is None and (row.failures >= enough or failure.code in CONSENT_ENDED):
        row.paused_at = ctx.now
        box = ctx.session.get_one(Mailbox, row.mailbox_id)
        record(ctx, "mailbox.paused", box, address=box.address, failure=failure.code, words=failure.words)
    if row.paused_at is not None:
        row.next_read_at = None if lasting else ctx.now + PAUSED_EVERY
    else:
        row.next_read_at = ctx.now + min(FIRST_PAUSE * 2 ** (row.failures - 1), LONGEST_PAUSE)
    if row.next_read_at is not None and failure.retry_after is not None:
        row.next_read_at = max(row.next_read_at, ctx.now + failure.retry_after)


def retry_mailbox(ctx: Context, row: MailboxConnection | None) -> None:
    """Read a mailbox again now; records `mailbox.resumed` if it was paused. Raises Conflict where nothing failed, and
    for one that is not read (None)."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    row = _lock(ctx, row.id) if row is not None else None
    if row is None or (row.paused_at is None and not row.failures):
        raise Conflict(_("This mailbox is read without problems."))
    row.next_read_at, row.failures = ctx.now, 0
    if row.paused_at is not None:
        _resume(ctx, row)
    wake_reader(ctx)


def resume_reading(ctx: Context, row: MailboxConnection) -> None:
    """Read a mailbox again now, because it may sign in again; records `mailbox.resumed` if it was paused."""
    row.next_read_at, row.failures, row.failure, row.failure_words, row.failed_at = ctx.now, 0, "", "", None
    if row.paused_at is not None:
        _resume(ctx, row)
    wake_reader(ctx)


def _resume(ctx: Context, row: MailboxConnection) -> None:
    row.paused_at = None
    box = ctx.session.get_one(Mailbox, row.mailbox_id)
    record(ctx, "mailbox.resumed", box, address=box.address)


def _lock(ctx: Context, connection_id: Id) -> MailboxConnection | None:
    statement = select(MailboxConnection).where(
        MailboxConnection.provider_id == ctx.provider_id, MailboxConnection.id == connection_id
    )
    return ctx.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()
