"""Tests of mailboxes: a mail goes out through a mailbox and must come back to it. Only then the mailbox is on."""

import datetime as dt
from email.message import EmailMessage
from email.utils import format_datetime

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.channels.mail.actions.reading import wake_reader
from portal.channels.mail.engine.message import InboundMessage, MessageClass
from portal.channels.mail.models import UNFINISHED_TEST, Mailbox, MailboxTest
from portal.channels.mail.queries.test_mails import HEADER, derive_test_token
from portal.channels.mail.rules import bare_address
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.kernel.header_folding import MAIL_POLICY
from portal.kernel.text import clean_line

# A mail that has not come back by then will hardly come.
TEST_MINUTES = 5


def start_test(ctx: Context, box: Mailbox) -> MailboxTest:
    """Begin a test of *box*. Raises Conflict while one runs."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    running = select(MailboxTest.id).where(
        MailboxTest.provider_id == ctx.provider_id,
        MailboxTest.mailbox_id == box.id,
        UNFINISHED_TEST,
    )
    if ctx.session.scalar(running.limit(1)) is not None:
        raise Conflict(_("A test of this mailbox is running already."))
    row = MailboxTest(
        provider_id=ctx.provider_id, mailbox_id=box.id, state="waiting", started_at=ctx.now, started_by=ctx.actor.name
    )
    ctx.session.add(row)
    ctx.session.flush()
    wake_reader(ctx)
    return row


def build_test_message(test: MailboxTest, box: Mailbox, name: str, now: dt.datetime) -> EmailMessage:
    """The mail of *test*, from the mailbox to itself."""
    token = derive_test_token(test.id)
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = message["To"] = box.address
    message["Subject"] = f"{clean_line(name)[:60]}: test {token}"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{token}@{box.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message[HEADER] = token
    message.set_content("This email tests the mailbox. It can be deleted.\n")
    return message


def note_sent(ctx: Context, test_id: Id) -> None:
    """The mail of the test went out."""
    test = _open_test(ctx, test_id)
    if test is not None and test.state == "waiting":
        test.state, test.sent_at = "sent", ctx.now


def note_arrival(ctx: Context, test_id: Id, message: InboundMessage, arrived_at: Mailbox | None) -> None:
    """The mail of a test arrived at *arrived_at*: the test succeeded, unless that is another mailbox, or a server
    returned the mail as undeliverable. Turns the mailbox on; records `mailbox.tested`."""
    test = _open_test(ctx, test_id)
    if test is None:
        return
    box = ctx.session.get_one(Mailbox, test.mailbox_id)
    if message.message_class == MessageClass.BOUNCE:
        fail_test(ctx, test_id, "return", "bounced", message.body[:300])
    elif arrived_at is not None and arrived_at.id != box.id:
        fail_test(ctx, test_id, "return", "other_mailbox", arrived_at.address)
    elif bare_address(message.sender.email) == box.address:
        test.state, test.ended_at = "returned", ctx.now
        before, box.state, box.proven_at = box.state, "on", ctx.now
        box.version += 1
        record(ctx, "mailbox.tested", box, address=box.address, returned=True, state=[before, "on"])


def fail_test(ctx: Context, test_id: Id, step: str, code: str, words: str = "") -> None:
    """The test failed at *step* (of TEST_STEPS) for *code*; records `mailbox.tested`. The mailbox stays as it is."""
    test = _open_test(ctx, test_id)
    if test is None:
        return
    box = ctx.session.get_one(Mailbox, test.mailbox_id)
    test.state, test.ended_at = "failed", ctx.now
    test.failed_step, test.failure, test.failure_words = step, code, words
    record(ctx, "mailbox.tested", box, address=box.address, returned=False, step=step, failure=code)


def is_overdue(test: MailboxTest, now: dt.datetime) -> bool:
    """Whether nobody should wait for the mail of *test* any more."""
    return now - (test.sent_at or test.started_at) > dt.timedelta(minutes=TEST_MINUTES)


def _open_test(ctx: Context, test_id: Id) -> MailboxTest | None:
    statement = select(MailboxTest).where(MailboxTest.provider_id == ctx.provider_id, MailboxTest.id == test_id)
    test = ctx.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()
    return test if test is not None and test.is_open else None
