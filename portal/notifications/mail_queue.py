"""Sending stored mails, with retries and withdrawal."""

import datetime as dt
import logging
import time

from flask import current_app
from sqlalchemy import func, select

from portal.cases.queries.detail import by_id
from portal.identity.models import User
from portal.kernel import jobs, mail, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.notifications import digests, mail_rules, mime, recipients
from portal.notifications.models import OutgoingMail
from portal.notifications.rules import DIGEST_KIND, STAFF_KINDS

log = logging.getLogger(__name__)


TRIES = 10


# The interval at which an installation without SMTP_URL checks for one.
NO_SERVER_PAUSE = dt.timedelta(minutes=10)


# The interval at which a mail to an address that got too many is tried again.
FULL_ADDRESS_PAUSE = dt.timedelta(minutes=10)


# An unreachable server is not tried again in the same run, so that other work does not wait for it.
SERVER_PAUSE_SECONDS = 30.0


_server_down_until = 0.0


def send(ctx: Context, mail_id: Id) -> None:
    """Pass one stored mail to the server of its mailbox, or to that of SMTP_URL, at least once, always with the same
    Message-ID.

    Without a server it stays queued, and so does a mail about a case to an address that got MAIL_TO_ADDRESS_PER_HOUR
    mails within an hour; links to sign in and warnings about an account never wait. A failure is stored with the mail,
    and the mail is tried again after growing pauses. A mail that is refused for good, or failed TRIES times, is dead.
    Nothing goes to somebody who may not see the case any more.
    """
    global _server_down_until
    row = ctx.session.get(OutgoingMail, mail_id, with_for_update=True)
    smtp_url = current_app.config["PARLEY"].smtp_url
    if row is None or row.state != "queued":
        return
    transport = _find_transport(ctx, row, bool(smtp_url))
    if not smtp_url and transport is None:
        outbox.schedule(ctx.session, ctx.provider_id, mail_rules.MAIL, row.id, ctx.now + NO_SERVER_PAUSE)
        return
    person = ctx.session.get(User, row.user_id) if row.user_id else None
    if not _may_still_see(ctx, row):
        row.state, row.last_error = "withdrawn", ""
        if row.kind == DIGEST_KIND:
            digests.write_again(ctx, row)
        return
    most = current_app.config["PARLEY"].mail_to_address_per_hour
    if row.case_id is not None and _count_sent(ctx, row.recipient, most) >= most:
        outbox.schedule(ctx.session, ctx.provider_id, mail_rules.MAIL, row.id, ctx.now + FULL_ADDRESS_PAUSE)
        return
    if transport is None and time.monotonic() < _server_down_until:
        _retry_later(ctx, row)
        return
    try:
        if transport is None:
            mail.send_mail(smtp_url, mime.build_message(ctx, row, person.name if person else ""))
        else:
            row.sender = transport.address
            transport.send(mime.build_message(ctx, row, person.name if person else ""))
    except (mail.MailRefused, ValueError, IndexError) as problem:
        _record_failure(row, problem)
        row.state = "dead"
    except mail.MailNotSent as problem:
        if transport is None and not isinstance(problem, mail.MailPostponed):
            _server_down_until = time.monotonic() + SERVER_PAUSE_SECONDS
        _record_failure(row, problem)
        if row.attempts >= TRIES:
            row.state = "dead"
        else:
            _retry_later(ctx, row)
    else:
        row.state, row.sent_at, row.attempts, row.last_error = "sent", ctx.now, row.attempts + 1, None


def _find_transport(ctx: Context, row: OutgoingMail, has_smtp_url: bool) -> mail.MailTransport | None:
    """The server of a mailbox for a mail about a case; for others only where there is no SMTP_URL."""
    if row.case_id is None:
        return None if has_smtp_url else mail.find_transport(ctx, None)
    try:
        return mail.find_transport(ctx, by_id(ctx, row.case_id))
    except NotFound:
        return None


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
    row.last_error = str(problem).replace("\x00", "")[:2000]
    log.warning("a mail was not sent", extra={"mail": str(row.id), "attempts": row.attempts})


def _retry_later(ctx: Context, row: OutgoingMail) -> None:
    pause = jobs.pause_after(max(row.attempts, 1))
    outbox.schedule(ctx.session, ctx.provider_id, mail_rules.MAIL, row.id, ctx.now + pause)


def _may_still_see(ctx: Context, row: OutgoingMail) -> bool:
    if row.kind == DIGEST_KIND:
        return digests.is_readable(ctx, row)
    if row.case_id is None or row.user_id is None:
        return True
    try:
        case = by_id(ctx, row.case_id)
    except NotFound:
        return False
    side = recipients.staff_recipients if row.kind in STAFF_KINDS else recipients.contact_recipients
    return bool(side(ctx, case, row.user_id))
