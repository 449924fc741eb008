"""Writes on notifications: add lines, mark them as read, choose mails, send a dead mail again."""

import uuid
from collections.abc import Iterable, Mapping

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.announcements.actions import end_subscription
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.identity.models import User
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import Event, record, wake_after_commit
from portal.kernel.system_context import as_system
from portal.notifications import sending_faults
from portal.notifications.mail_rules import MAIL
from portal.notifications.models import MailChoice, Notification, OutgoingMail, QuietHours
from portal.notifications.queries import list_faults
from portal.notifications.recipients import Recipient
from portal.notifications.rules import Topic

# The most mails that are decided about with one press.
MOST_HELD = 1000


def notify(ctx: Context, event: Event, case: Case | None, told: Iterable[Recipient]) -> dict[Id, uuid.UUID]:
    """Add a notification about *event* for each of *told*; an existing one stays unchanged. Returns the new ones by
    person."""
    rows = [
        {
            "id": ids.new_id(),
            "provider_id": ctx.provider_id,
            "user_id": one.user.id,
            "side": str(one.side),
            "event_id": event.id,
            "case_id": case.id if case is not None else None,
            "reason": one.reason,
            "created_at": event.recorded_at,
        }
        for one in told
    ]
    if not rows:
        return {}
    added = insert(Notification).values(rows).on_conflict_do_nothing()
    found = ctx.session.execute(added.returning(Notification.user_id, Notification.id))
    return {row.user_id: row.id for row in found}


def mark_read(ctx: Context, line: Notification) -> None:
    """Mark *line*, which a scope admitted as the actor's own, as read."""
    if line.read_at is None:
        line.read_at = ctx.now


def mark_all_read(ctx: Context, *, case_id: uuid.UUID | None = None) -> None:
    """Mark every line of the actor on this side as read; with *case_id* those about one case."""
    own = scope(ctx.actor, Notification).where(Notification.read_at.is_(None))
    if case_id is not None:
        own = own.where(Notification.case_id == case_id)
    ctx.session.execute(
        update(Notification)
        .where(Notification.id.in_(own.with_only_columns(Notification.id)))
        .values(read_at=ctx.now)
        .execution_options(synchronize_session=False)
    )


def choose_mails(ctx: Context, choices: Mapping[Topic, bool], quiet: tuple[int, int] | None = None) -> None:
    """Store of which topics the actor gets mails, and from which hour to which none that can wait (None: always some);
    records `person.mails_chosen`. Raises Refused (field quiet_until) for hours of no length."""
    if quiet is not None and quiet[0] == quiet[1]:
        raise Refused(_("Choose another hour for the end"), "quiet_until")
    _keep_quiet_hours(ctx, quiet)
    _store_choices(ctx, choices)
    record(ctx, "person.mails_chosen", ctx.person)


def choose_topic(ctx: Context, person: User, topic: Topic, *, mailed: bool) -> None:
    """Store whether *person*, who acts by the link of a mail, gets mails of *topic*; what else they chose stays.
    Records `person.mails_chosen`."""
    _store_choices(ctx, {topic: mailed})
    record(ctx, "person.mails_chosen", person)


def _store_choices(ctx: Context, choices: Mapping[Topic, bool]) -> None:
    rows = [
        {
            "id": ids.new_id(),
            "provider_id": ctx.provider_id,
            "user_id": ctx.actor.user_id,
            "topic": str(topic),
            "mailed": mailed,
        }
        for topic, mailed in choices.items()
    ]
    statement = insert(MailChoice).values(rows)
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["provider_id", "user_id", "topic"], set_={"mailed": statement.excluded.mailed}
        )
    )


def _keep_quiet_hours(ctx: Context, quiet: tuple[int, int] | None) -> None:
    own = scope(ctx.actor, QuietHours).where(QuietHours.user_id == ctx.actor.user_id)
    if quiet is None:
        ids_ = own.with_only_columns(QuietHours.id)
        ctx.session.execute(
            delete(QuietHours).where(QuietHours.id.in_(ids_)).execution_options(synchronize_session=False)
        )
        return
    row = {"id": ids.new_id(), "provider_id": ctx.provider_id, "user_id": ctx.actor.user_id}
    statement = insert(QuietHours).values(**row, begins=quiet[0], ends=quiet[1])
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["provider_id", "user_id"],
            set_={"begins": statement.excluded.begins, "ends": statement.excluded.ends},
        )
    )


def resend(ctx: Context, mail: OutgoingMail) -> None:
    """Send a mail that is dead, held or came back again, with new tries and the same Message-ID; records
    `mail.sent_again`. Conflict for any other."""
    require(ctx.actor, Permission.MAIL_SEE)
    if mail.state not in ("dead", "bounced", "held"):
        raise Conflict(_("This email is on its way or was sent already."))
    mail.state, mail.attempts, mail.last_error, mail.released_at = "queued", 0, None, ctx.now
    mail.returned_at = mail.returned_by_id = None
    outbox.schedule(ctx.session, ctx.provider_id, MAIL, mail.id, ctx.now)
    record(ctx, "mail.sent_again", mail, recipient=mail.recipient)
    wake_after_commit(ctx)


def try_sending_again(ctx: Context) -> None:
    """Let the next mail of every way out with a fault try it now. Raises Conflict where none has one."""
    require(ctx.actor, Permission.MAIL_SEE)
    if not list_faults(ctx):
        raise Conflict(_("Emails are sent without problems."))
    sending_faults.forget_pauses(ctx)
    wake_after_commit(ctx)


def decide_about_held(ctx: Context, *, send: bool) -> int:
    """Send all mails that are so old that somebody must decide, or withdraw them; returns how many. Records
    `mail.held_sent` or `mail.held_withdrawn`. Raises Conflict where none is held."""
    require(ctx.actor, Permission.MAIL_SEE)
    held = scope(ctx.actor, OutgoingMail).where(OutgoingMail.state == "held")
    rows = held.order_by(OutgoingMail.id).limit(MOST_HELD).with_for_update(of=OutgoingMail)
    found = ctx.session.scalars(rows.execution_options(populate_existing=True)).all()
    if not found:
        raise Conflict(_("No email waits for a decision any more."))
    for mail in found:
        mail.state = "queued" if send else "withdrawn"
        mail.released_at, mail.last_error = (ctx.now, None) if send else (mail.released_at, "")
        if send:
            outbox.schedule(ctx.session, ctx.provider_id, MAIL, mail.id, ctx.now)
    record(ctx, "mail.held_sent" if send else "mail.held_withdrawn", ctx.provider, count=len(found))
    wake_after_commit(ctx)
    return len(found)


def mark_returned(ctx: Context, event: Event) -> None:
    """Reaction to `mail.returned`: our mails that the report is about are bounced, or deferred where it is not final.
    What came back for good stays so, and an address that gets the status page gets no more."""
    message_ids = [f"<{one}>" for one in event.facts["message_ids"]]
    with as_system(ctx) as inner:
        ours = scope(inner.actor, OutgoingMail).where(
            OutgoingMail.message_id.in_(message_ids), OutgoingMail.state.in_(("sent", "deferred"))
        )
        subscribers = ours.where(OutgoingMail.subscriber_id.is_not(None)).with_only_columns(OutgoingMail.subscriber_id)
        gone = [one for one in inner.session.scalars(subscribers) if one and event.facts["final"]]
        inner.session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id.in_(ours.with_only_columns(OutgoingMail.id)))
            .values(
                state="bounced" if event.facts["final"] else "deferred",
                returned_at=ctx.now,
                returned_by_id=event.subject_id,
            )
            .execution_options(synchronize_session="fetch")
        )
        for subscriber_id in gone:
            end_subscription(inner, subscriber_id, "returned")


def send_waiting_mails(ctx: Context, event: Event) -> None:
    """Reaction to a mailbox that may sign in again, or whose test came back: mails that could not be sent before are
    tried at once."""
    if event.facts.get("returned", True):
        with as_system(ctx) as inner:
            sending_faults.forget_pauses(inner)


def move_notifications(ctx: Context, event: Event) -> None:
    """Reaction to `person.claim_accepted`: lines and unsent mails of the claimant are the holder's, and so is which
    mails they ended by a link, where the holder chose nothing. Nobody is told of one event twice."""
    claimant_id, holder_id = ids.parse_id(event.facts["claimant"]), event.subject_id
    with as_system(ctx, with_own_rows=True) as inner:
        told = select(Notification.event_id).where(Notification.user_id == holder_id)
        own = scope(inner.actor, Notification).where(Notification.user_id == claimant_id)
        for statement in (
            update(Notification)
            .where(
                Notification.id.in_(own.where(Notification.event_id.not_in(told)).with_only_columns(Notification.id))
            )
            .values(user_id=holder_id),
            update(OutgoingMail)
            .where(
                OutgoingMail.provider_id == ctx.provider_id,
                OutgoingMail.state == "queued",
                OutgoingMail.user_id == claimant_id,
            )
            .values(user_id=holder_id),
            update(MailChoice)
            .where(
                MailChoice.provider_id == ctx.provider_id,
                MailChoice.user_id == claimant_id,
                MailChoice.topic.not_in(select(MailChoice.topic).where(MailChoice.user_id == holder_id)),
            )
            .values(user_id=holder_id),
        ):
            inner.session.execute(statement.execution_options(synchronize_session=False))
