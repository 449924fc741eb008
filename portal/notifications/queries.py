"""Reads of notifications: the bell, and outgoing mails. Every read starts at a scope."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ScalarSelect, func
from sqlalchemy.orm import joinedload, load_only

from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseExclusion, CaseSubscription
from portal.channels.mail.queries.matching import SentMail
from portal.kernel.actor import Actor
from portal.kernel.bounded_counts import bounded_count, fetch_counts
from portal.kernel.context import Context
from portal.kernel.gauges import MOST, fetch_states
from portal.kernel.paging import Page, fetch_page_of
from portal.notifications import mail_sink, mime
from portal.notifications.models import MailChoice, Notification, OutgoingMail, QuietHours, SendingFault
from portal.notifications.rules import CONTACT_TOPICS, Topic

MOST_COUNTED = 100
STATES = ("queued", "held", "sent", "deferred", "bounced", "dead", "withdrawn")
HIDDEN = "…"


def unread(actor: Actor) -> ScalarSelect[int]:
    """The number of unread lines on this side, up to MOST_COUNTED: a part of a statement."""
    lines = scope(actor, Notification).where(Notification.read_at.is_(None))
    return bounded_count(lines.with_only_columns(Notification.id), MOST_COUNTED)


def unread_count(ctx: Context) -> int:
    """The number of unread lines on this side, up to MOST_COUNTED."""
    return fetch_counts(ctx, _unread_counts)["bell"]


def _unread_counts(actor: Actor) -> Mapping[str, ScalarSelect[int]]:
    return {"bell": unread(actor)}


@dataclass(slots=True)
class CaseGroup:
    """The lines about one case (or about none), newest first."""

    case: Case | None
    lines: list[Notification]

    @property
    def unread(self) -> int:
        return sum(1 for line in self.lines if line.read_at is None)


def bell_page(ctx: Context, number: int) -> tuple[Page[Notification], list[CaseGroup]]:
    """One page of the bell: unread before read, newest first, grouped by case. One statement."""
    page = fetch_page_of(
        ctx.session,
        scope(ctx.actor, Notification)
        .options(
            joinedload(Notification.event, innerjoin=True),
            joinedload(Notification.case).joinedload(Case.account, innerjoin=True),
        )
        .order_by(Notification.read_at.is_not(None), Notification.id.desc()),
        number,
        50,
    )
    return page, group_by_case(page.rows)


def group_by_case(lines: Sequence[Notification]) -> list[CaseGroup]:
    """*lines* by case, in the order in which the cases first appear."""
    groups: dict[uuid.UUID | None, CaseGroup] = {}
    for line in lines:
        groups.setdefault(line.case_id, CaseGroup(line.case, [])).lines.append(line)
    return list(groups.values())


def line(ctx: Context, notification_id: uuid.UUID) -> Notification:
    """One of the actor's own lines; NotFound otherwise."""
    return load(
        ctx,
        Notification,
        Notification.id == notification_id,
        options=[
            joinedload(Notification.event, innerjoin=True),
            joinedload(Notification.case).joinedload(Case.account, innerjoin=True),
        ],
    )


def own_mail_choices(ctx: Context, topics: Iterable[Topic]) -> dict[Topic, bool]:
    """Whether the actor gets mails of each of *topics*: what they chose, or else the default."""
    rows = scope(ctx.actor, MailChoice).where(MailChoice.user_id == ctx.actor.user_id)
    chosen = {row.topic: row.mailed for row in ctx.session.scalars(rows)}
    return {topic: chosen.get(str(topic), topic in CONTACT_TOPICS) for topic in topics}


MUTED_SHOWN = 100


def muted_cases(ctx: Context) -> Sequence[Case]:
    """The cases that the actor muted and sees on this side, the newest first, at most MUTED_SHOWN."""
    own = scope(ctx.actor, CaseSubscription).where(
        CaseSubscription.user_id == ctx.actor.user_id, CaseSubscription.mode == "mute"
    )
    rows = scope(ctx.actor, Case).where(Case.id.in_(own.with_only_columns(CaseSubscription.case_id)))
    rows = rows.options(joinedload(Case.account, innerjoin=True)).order_by(Case.id.desc()).limit(MUTED_SHOWN)
    return ctx.session.scalars(rows).unique().all()


def own_quiet_hours(ctx: Context) -> QuietHours | None:
    """The actor's quiet hours."""
    return quiet_hours_of(ctx, ctx.actor.user_id)


def quiet_hours_by_person(ctx: Context, user_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, QuietHours]:
    """The quiet hours of *user_ids* by person, if the actor may read them. One statement."""
    rows = scope(ctx.actor, QuietHours).where(QuietHours.user_id.in_(list(user_ids)))
    return {row.user_id: row for row in ctx.session.scalars(rows)}


def quiet_hours_of(ctx: Context, user_id: uuid.UUID | None) -> QuietHours | None:
    """The quiet hours of a person, if the actor may read them."""
    return ctx.session.scalars(scope(ctx.actor, QuietHours).where(QuietHours.user_id == user_id)).one_or_none()


def has_exclusions(ctx: Context, case_id: uuid.UUID) -> bool:
    """Whether anybody is kept out of a case. Then its mails carry links only, because mail boxes are read by more
    people than their owners."""
    rows = scope(ctx.actor, CaseExclusion).where(CaseExclusion.case_id == case_id)
    return ctx.session.scalar(rows.with_only_columns(CaseExclusion.id).limit(1)) is not None


# -- what was mailed ------------------------------------------------------------------------------------------------

_LISTED = (
    OutgoingMail.id,
    OutgoingMail.kind,
    OutgoingMail.recipient,
    OutgoingMail.subject,
    OutgoingMail.state,
    OutgoingMail.attempts,
    OutgoingMail.created_at,
    OutgoingMail.sent_at,
    OutgoingMail.last_error,
)


def mail_page(ctx: Context, *, state: str = "", recipient: str = "", number: int = 1) -> Page[OutgoingMail]:
    """Mails that the actor may see, newest first, without their bodies."""
    statement = scope(ctx.actor, OutgoingMail).options(load_only(*_LISTED, raiseload=True))
    if state in STATES:
        statement = statement.where(OutgoingMail.state == state)
    if recipient:
        statement = statement.where(func.lower(OutgoingMail.recipient).contains(recipient.casefold(), autoescape=True))
    return fetch_page_of(ctx.session, statement.order_by(OutgoingMail.id.desc()), number, 50)


def mail(ctx: Context, mail_id: uuid.UUID, *, lock: bool = False) -> OutgoingMail:
    """One mail with its bodies; NotFound otherwise."""
    return load(ctx, OutgoingMail, OutgoingMail.id == mail_id, lock=lock)


def dead_mails(ctx: Context, limit: int = 100) -> Sequence[OutgoingMail]:
    """Dead mails, newest first, for an administrator to check."""
    statement = scope(ctx.actor, OutgoingMail).options(load_only(*_LISTED, raiseload=True))
    dead = statement.where(OutgoingMail.state == "dead").order_by(OutgoingMail.id.desc())
    return ctx.session.scalars(dead.limit(limit)).all()


def count_held(ctx: Context) -> int:
    """How many mails wait for a decision, up to MOST_COUNTED."""
    held = scope(ctx.actor, OutgoingMail).where(OutgoingMail.state == "held")
    part = bounded_count(held.with_only_columns(OutgoingMail.id), MOST_COUNTED)
    return fetch_states(ctx, {"held": part})["held"]


def list_faults(ctx: Context) -> Sequence[SendingFault]:
    """The ways out that do not work, the longest first, for who may see mails."""
    return ctx.session.scalars(scope(ctx.actor, SendingFault).order_by(SendingFault.began_at).limit(200)).all()


MAIL_STATES = ("queued", "dead")


def count_unsent_mails(ctx: Context) -> dict[str, int]:
    """How many mails of the provider wait to be sent, and how many are dead, each counted to MOST."""
    rows = scope(ctx.actor, OutgoingMail)
    parts = {state: bounded_count(rows.where(OutgoingMail.state == state), MOST) for state in MAIL_STATES}
    return fetch_states(ctx, parts)


def mail_bodies(mail: OutgoingMail, *, with_link: bool) -> tuple[str, str]:
    """The text and the HTML of *mail*; the link of its reader is filled in only *with_link*."""
    token = None if with_link else HIDDEN
    return mime.fill_link(mail, mail.text, token), mime.fill_link(mail, mail.html, token)


def has_secret_links(mail: OutgoingMail) -> bool:
    """Whether *mail* has links that do something for whoever opens them."""
    return mail.token_id is not None or mime.fill_link(mail, mail.text, "") != mail.text


def received_by_sink(ctx: Context, data: Path, mail: OutgoingMail) -> bool:
    """Whether the demo's mail server, which keeps its files under *data*, has this mail."""
    return mail_sink.file_path(data, ctx.provider.slug, mail.message_id).is_file()


def find_sent_mail(ctx: Context, message_ids: Sequence[str]) -> SentMail | None:
    """The first of *message_ids*, without brackets, that is a mail of ours about a case."""
    wanted = [f"<{one}>" for one in message_ids]
    rows = scope(ctx.actor, OutgoingMail).where(OutgoingMail.message_id.in_(wanted), OutgoingMail.case_id.is_not(None))
    sent = {mail.message_id: mail for mail in ctx.session.scalars(rows.limit(100))}
    found = next((sent[one] for one in wanted if one in sent), None)
    if found is None or found.case_id is None:
        return None
    return SentMail(found.case_id, found.user_id, mime.fill_link(found, found.text))
