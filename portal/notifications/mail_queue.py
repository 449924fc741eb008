"""Sending stored mails, with retries and withdrawal."""

import datetime as dt
import logging

from flask import current_app
from sqlalchemy import func, select

from portal.cases.queries.detail import by_id
from portal.identity.models import User
from portal.kernel import jobs, mail, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.notifications import daily_news, digests, mail_rules, mime, recipients, sending_faults, subscriber_mails
from portal.notifications.models import OutgoingMail
from portal.notifications.rules import DIGEST_KIND, DIGEST_KINDS, STAFF_KINDS, SUBSCRIBER_KINDS

log = logging.getLogger(__name__)


TRIES = 10


# The interval at which an installation without SMTP_URL checks for one.
NO_SERVER_PAUSE = dt.timedelta(minutes=10)


# The interval at which a mail to an address that got too many is tried again.
FULL_ADDRESS_PAUSE = dt.timedelta(minutes=10)


def send(ctx: Context, mail_id: Id) -> None:
    """Pass one stored mail to the server of its mailbox, or to that of SMTP_URL, at least once, always with the same
    Message-ID.

    Without a server it stays queued, and so does a mail about a case to an address that got MAIL_TO_ADDRESS_PER_HOUR
    mails within an hour; links to sign in and warnings about an account never wait. While its way has a fault
    (`sending_faults`) it waits and loses no try. A failure that is about the mail is stored with it, and the mail is
    tried again after growing pauses; one that is refused for good, or failed TRIES times, is dead. One that became
    older than MAIL_ASK_AFTER_DAYS meanwhile is held until an administrator decides. Nothing goes to somebody who may
    not see the case any more.
    """
    row = ctx.session.get(OutgoingMail, mail_id, with_for_update=True, populate_existing=True)
    config = current_app.config["PARLEY"]
    if row is None or row.state != "queued":
        return
    transport = _find_transport(ctx, row, bool(config.smtp_url))
    if not config.smtp_url and transport.send is None:
        outbox.schedule(ctx.session, ctx.provider_id, mail_rules.MAIL, row.id, ctx.now + NO_SERVER_PAUSE)
        return
    fault = sending_faults.find_fault(ctx, transport.way)
    if not _may_still_see(ctx, row):
        row.state, row.last_error = "withdrawn", ""
        sending_faults.pass_turn(ctx, fault)
        if row.kind in DIGEST_KINDS:
            digests.write_again(ctx, row, digests.DIGEST if row.kind == DIGEST_KIND else daily_news.NEWS)
        return
    if _is_old(row, ctx.now, config.mail_ask_after_days):
        row.state = "held"
        sending_faults.pass_turn(ctx, fault)
        return
    most = config.mail_to_address_per_hour
    if row.case_id is not None and _count_sent(ctx, row.recipient, most) >= most:
        outbox.schedule(ctx.session, ctx.provider_id, mail_rules.MAIL, row.id, ctx.now + FULL_ADDRESS_PAUSE)
        return
    turn = sending_faults.find_turn(ctx, fault) if fault is not None else None
    if fault is not None and turn is not None:
        row.last_error = row.last_error or fault.words
        outbox.schedule(ctx.session, ctx.provider_id, mail_rules.MAIL, row.id, turn)
        return
    try:
        _hand_over(ctx, row, transport, config.smtp_url)
    except (mail.MailRefused, ValueError, IndexError) as problem:
        _record_failure(row, problem)
        row.state = "dead"
        if isinstance(problem, mail.MailRefused):
            sending_faults.end_fault(ctx, fault)
        else:
            sending_faults.pass_turn(ctx, fault)
    except (mail.MailPostponed, mail.MailInterrupted) as problem:
        _record_failure(row, problem)
        if isinstance(problem, mail.MailInterrupted):
            sending_faults.note_fault(ctx, transport.way, transport.address, problem)
        else:
            sending_faults.end_fault(ctx, fault)
        if row.attempts >= TRIES:
            row.state = "dead"
        else:
            _retry_later(ctx, row, problem.retry_after)
    except mail.MailNotSent as problem:
        row.last_error = _describe(problem)
        log.warning("a way out does not work", extra={"mail": str(row.id), "failure": problem.code})
        again = sending_faults.note_fault(ctx, transport.way, transport.address, problem)
        outbox.schedule(ctx.session, ctx.provider_id, mail_rules.MAIL, row.id, again)
    else:
        row.state, row.sent_at, row.attempts, row.last_error = "sent", ctx.now, row.attempts + 1, None
        sending_faults.end_fault(ctx, fault)


def _hand_over(ctx: Context, row: OutgoingMail, transport: mail.MailTransport, smtp_url: str) -> None:
    """Pass a mail to its server. Raises MailNotSent, and ValueError or IndexError for an address that is none."""
    person = ctx.session.get(User, row.user_id) if row.user_id else None
    row.sender = transport.address or row.sender
    message = mime.build_message(ctx, row, person.name if person else "", transport.name)
    if transport.send is None:
        mail.send_mail(smtp_url, message)
    else:
        transport.send(message)


def _is_old(row: OutgoingMail, now: dt.datetime, days: int) -> bool:
    """Whether a mail waited so long that somebody must say whether it still goes out."""
    return bool(days) and now - (row.released_at or row.created_at) > dt.timedelta(days=days)


def _find_transport(ctx: Context, row: OutgoingMail, has_smtp_url: bool) -> mail.MailTransport:
    """From whom a mail comes, and the server of a mailbox for a mail about a case; for others only where there is no
    SMTP_URL."""
    if row.case_id is None:
        # That SMTP_URL does not work is said through a mailbox that does, if there is one.
        other_way = row.kind == "sending_paused" and sending_faults.find_fault(ctx, None) is not None
        own = mail.find_transport(ctx, None) if other_way or not has_smtp_url else mail.MailTransport()
        return own if own.send is not None or not has_smtp_url else mail.MailTransport()
    try:
        return mail.find_transport(ctx, by_id(ctx, row.case_id), to_staff=row.kind in STAFF_KINDS)
    except NotFound:
        return mail.MailTransport()


def _count_sent(ctx: Context, recipient: str, most: int) -> int:
    """How many mails *recipient* was sent within the last hour, counted up to *most*."""
    sent = select(OutgoingMail.id).where(
        OutgoingMail.provider_id == ctx.provider_id,
        OutgoingMail.recipient == recipient,
        OutgoingMail.sent_at > ctx.now - dt.timedelta(hours=1),
    )
    return ctx.session.scalar(select(func.count()).select_from(sent.limit(most).subquery())) or 0


def _record_failure(row: OutgoingMail, problem: Exception) -> None:
    row.attempts += 1
    row.last_error = _describe(problem)
    log.warning("a mail was not sent", extra={"mail": str(row.id), "attempts": row.attempts})


def _describe(problem: Exception) -> str:
    return str(problem).replace("\x00", "")[:2000]


def _retry_later(ctx: Context, row: OutgoingMail, at_least: dt.timedelta | None = None) -> None:
    pause = max(jobs.pause_after(max(row.attempts, 1)), at_least or dt.timedelta(0))
    outbox.schedule(ctx.session, ctx.provider_id, mail_rules.MAIL, row.id, ctx.now + pause)


def _may_still_see(ctx: Context, row: OutgoingMail) -> bool:
    if row.kind in DIGEST_KINDS:
        return digests.is_readable(ctx, row)
    if row.kind == "announcement":
        return recipients.is_still_affected(ctx, row.user_id, row.event_id)
    if row.kind in SUBSCRIBER_KINDS:
        return subscriber_mails.is_still_wanted(ctx, row)
    if row.kind == "community_news":
        return recipients.is_still_reading(ctx, row.user_id, row.event_id)
    if row.case_id is None or row.user_id is None:
        return True
    try:
        case = by_id(ctx, row.case_id)
    except NotFound:
        return False
    side = recipients.staff_recipients if row.kind in STAFF_KINDS else recipients.contact_recipients
    return bool(side(ctx, case, row.user_id))
