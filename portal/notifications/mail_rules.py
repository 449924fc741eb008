"""The mails of an event: one for each person whom a row of `rules.RULES` mails. `rendering` words them."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import or_
from sqlalchemy.orm import joinedload, selectinload

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import Case, CaseLink, Message
from portal.cases.models.conversation import PUBLIC_KINDS
from portal.cases.queries.interface import Receiver, shown_people
from portal.cases.states import State
from portal.chat.queries.chats import present_chatter
from portal.identity.actions import issue_claim_link
from portal.identity.models import User
from portal.identity.queries import password_of, primary_email
from portal.kernel import ids
from portal.kernel.actor import Id, Side
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system
from portal.notifications import recipients
from portal.notifications.mail_links import Purpose
from portal.notifications.models import MailChoice
from portal.notifications.recipients import PlannedEvent, Recipient
from portal.notifications.rules import (
    APPROVAL_KINDS,
    BY_EVENT,
    CHAT_LINES,
    ENDED_BY_LINK,
    STAFF_KINDS,
    SURVEY_KINDS,
    Topic,
    is_mailed,
    may_wait_for_the_day,
)
from portal.sla.queries.promise_changes import ChangedPromise, changed_promises
from portal.surveys.models import Survey

# The kind of due work that sends a mail.
MAIL = "mail"


@dataclass(frozen=True, slots=True)
class PlannedMail:
    """One mail to be written: to whom, which kind, about what."""

    kind: str
    person: User
    event: Event
    case: Case | None = None
    message: Message | None = None
    survey: Survey | None = None
    token_id: uuid.UUID | None = None
    # The address, where it is not the one that the person has.
    to: str = ""
    # Whether the link is that by which the holder of a claimed address joins the organization of the case.
    joins: bool = False
    # May this person write to the case? Then they may answer the mail, where a mailbox is read.
    replies: bool = False
    # What the links of the mail may do for this person.
    offers: frozenset[Purpose] = frozenset()
    # Why they are told: a key of `labels.reason_label`.
    reason: str = ""
    # For a change of status or severity: what it did to the promises that customers read.
    promises: Sequence[ChangedPromise] = ()
    # For a digest: the events that it tells of with their cases, one for each case, the most urgent first.
    cases: Sequence[tuple[Event, Case]] = ()


def person_mails(ctx: Context, event: Event) -> Iterator[PlannedMail]:
    """The mail to the person whom an identity event is about."""
    user = ctx.session.get(User, event.subject_id)
    if user is not None and user.ended_at is None:
        token_id = ids.parse_id(event.facts.get("token"))
        for rule in BY_EVENT[event.name]:
            to_new = rule.audience == "new_address"
            # The link that proves a new address goes there, and nowhere else.
            own = token_id if to_new or event.name != "person.email_change_asked" else None
            offers = frozenset({Purpose.CHOOSE} if rule.mail == "which_account" else ())
            to = event.facts["email"] if to_new else ""
            yield PlannedMail(rule.mail, user, event, token_id=own, to=to, offers=offers)


def mails_without_case(ctx: Context, event: Event) -> Iterator[PlannedMail]:
    """The mails of an event that concerns no case: to the administrators of the client or of the provider, or about an
    announcement."""
    if not event.facts.get("emailed", True):
        return
    told = recipients.find_without_case(ctx, event)
    topics = {one.rule.topic for one in told if one.rule is not None and one.rule.topic is not None}
    choices = mail_choices(ctx, [one.user.id for one in told], topics) if topics else {}
    for one in told:
        rule = one.rule
        if rule is not None and rule.mail and is_mailed(rule, 0, choices.get((one.user.id, str(rule.topic)))):
            offers = frozenset({Purpose.NO_MORE} if rule.mail in ENDED_BY_LINK else ())
            yield PlannedMail(rule.mail, one.user, event, reason=one.reason, offers=offers)


def case_mails(ctx: Context, event: Event, case: Case) -> Iterator[PlannedMail]:
    """The mails of a case event. Nobody gets one who may not see the case now; a note never makes one for a customer.

    A change of status that came with a message is told by the mail about the message.
    """
    rules = recipients.rules_of(event.name, mail=True)
    if not rules or not event.facts.get("emailed", True):
        return
    message = public_message(ctx, event)
    if event.name == "case.closing_soon" and case.auto_close_at is None:
        return  # the worker was away for long: by now there is nothing to warn of
    survey = read_survey(ctx, event)
    told = recipients.find_recipients(ctx, event, case, rules, survey.user_id if survey is not None else None)
    told = mailed_recipients(ctx, case, told)
    if event.name in CHAT_LINES and any(one.side is Side.CONTACT for one in told):
        present = present_chatter(ctx, case.id)
        told = [one for one in told if one.user.id != present or one.side is Side.STAFF]
    if event.facts.get("message") and message is None:
        told = [one for one in told if one.side is Side.STAFF]
    if told and _is_told_otherwise(ctx, event, case):
        told = [one for one in told if one.side is Side.STAFF]
    promises = changed_promises(ctx, event) if any(_kind(one) == "status" for one in told) else []
    for one in told:
        asked = survey is not None and one.side is Side.CONTACT and survey.user_id == one.user.id
        join_id = issue_claim_link(ctx, one.user) if one.side is Side.CONTACT and not asked else None
        yield PlannedMail(
            _kind(one),
            one.user,
            event,
            case,
            message,
            survey=survey if asked or one.side is Side.STAFF else None,
            token_id=survey.token_id if survey is not None and asked else join_id,
            joins=join_id is not None,
            replies=_may_write(ctx, one, case),
            offers=_offered_purposes(ctx, one, case) | ({Purpose.APPROVE} if _kind(one) in APPROVAL_KINDS else set()),
            reason=one.reason,
            promises=promises,
        )


def _may_write(ctx: Context, one: Recipient, case: Case) -> bool:
    """Whether *one* may answer *case*: some providers let nobody write to a closed case."""
    if one.side is Side.STAFF:
        return can(one.actor, Permission.CASE_ANSWER, case)
    is_over = case.state == State.CLOSED and ctx.provider.after_close == "refuse"
    return not is_over and can(one.actor, Permission.CASE_REPLY, case)


def _offered_purposes(ctx: Context, one: Recipient, case: Case) -> frozenset[Purpose]:
    """What *one* may do about *case* by a link: decide about a solution, reopen what is closed, mute it."""
    offered = {Purpose.MUTE} if can(one.actor, Permission.CASE_FOLLOW, case) else set()
    if one.side is Side.CONTACT and case.state == State.RESOLVED and can(one.actor, Permission.CASE_ACCEPT, case):
        offered |= {Purpose.ACCEPT, Purpose.REJECT} if ctx.provider.customer_decides else set()
    if one.side is Side.CONTACT and case.state == State.CLOSED and can(one.actor, Permission.CASE_REOPEN, case):
        offered |= {Purpose.REOPEN} if ctx.provider.after_close != "refuse" else set()
    return frozenset(offered)


def find_receivers(ctx: Context, case: Case, event_name: str) -> list[Receiver]:
    """Whom of the customer's side an event of the actor in *case* reaches, by the same rules that will deliver it.

    Somebody who is not mailed and cannot sign in gets to know nothing, and is left out.
    """
    with as_system(ctx, with_own_rows=True) as inner:
        event = PlannedEvent(event_name, ctx.actor.user_id, str(ctx.actor.side), {})
        rules = [rule for rule in recipients.rules_of(event_name, mail=True) if rule.mail not in STAFF_KINDS]
        told = [one for one in recipients.find_recipients(inner, event, case, rules) if one.side is Side.CONTACT]
        by_mail = {one.user.id for one in mailed_recipients(inner, case, told) if primary_email(inner, one.user.id)}
        reached = [
            (one.user, mailed)
            for one in told
            if (mailed := one.user.id in by_mail) or password_of(inner, one.user.id) is not None
        ]
    hidden = [user.id for user, _mailed in reached] if ctx.actor.is_staff and not ctx.actor.all_accounts else []
    shown = shown_people(ctx, case.organization_id, hidden)
    return [Receiver(shown.get(user.id, user).name, mailed) for user, mailed in reached]


def mailed_recipients(ctx: Context, case: Case, told: Sequence[Recipient]) -> list[Recipient]:
    """Those of *told* whom their row of the table mails, by its default and by what they chose."""
    topics = {one.rule.topic for one in told if one.rule is not None and one.rule.topic is not None}
    choices = mail_choices(ctx, [one.user.id for one in told], topics) if topics else {}
    return [
        one
        for one in told
        if one.rule is not None and is_mailed(one.rule, case.severity, choices.get((one.user.id, str(one.rule.topic))))
    ]


def mail_choices(ctx: Context, user_ids: Sequence[Id], topics: Iterable[str]) -> dict[tuple[Id, str], bool]:
    """What these people chose about mails of *topics*: by person and topic; who chose nothing is left out."""
    rows = ctx.session.execute(
        scope(ctx.actor, MailChoice)
        .where(MailChoice.user_id.in_(user_ids), MailChoice.topic.in_([str(topic) for topic in topics]))
        .with_only_columns(MailChoice.user_id, MailChoice.topic, MailChoice.mailed)
    )
    return {(user_id, topic): mailed for user_id, topic, mailed in rows}


def mails_of_the_day(ctx: Context, mails: Sequence[PlannedMail]) -> list[PlannedMail]:
    """Those of *mails* that their readers want once a day, as one."""
    waiting = [
        one
        for one in mails
        if one.case is not None
        and not one.joins
        and may_wait_for_the_day(one.kind, one.case.severity, one.event.name, one.reason)
    ]
    if not waiting:
        return []
    chosen = mail_choices(ctx, [one.person.id for one in waiting], [Topic.DAILY])
    return [one for one in waiting if chosen.get((one.person.id, Topic.DAILY))]


def _kind(one: Recipient) -> str:
    return one.rule.mail if one.rule is not None else ""


# What is told together with a message of the same moment.
_STATUS_EVENTS = frozenset({"case.started", "case.held", "case.woken"})
_MESSAGE_EVENTS = ("case.answered", "case.asked", "case.resolved", "case.reopened")


def _is_told_otherwise(ctx: Context, event: Event, case: Case) -> bool:
    """Whether customers need no mail of their own about *event*: it came with a message of the same moment, or it
    belongs to the opening of a case that was to be opened silently."""
    if event.name == "case.person_added":
        return not case.notify_contact and event.recorded_at == case.opened_at
    if event.name not in _STATUS_EVENTS:
        return False
    together = (
        scope(ctx.actor, Event)
        .where(
            Event.case_id == event.case_id,
            Event.recorded_at == event.recorded_at,
            Event.actor_user_id == event.actor_user_id,
            Event.name.in_(_MESSAGE_EVENTS),
        )
        .with_only_columns(Event.id)
    )
    return ctx.session.scalar(together.limit(1)) is not None


def public_message(ctx: Context, event: Event) -> Message | None:
    """The message that *event* is about, if customers may read it."""
    message_id = ids.parse_id(event.facts.get("message"))
    if message_id is None:
        return None
    links = scope(ctx.actor, CaseLink).where(CaseLink.case_id == event.case_id, CaseLink.kind == "split_to")
    split_off = links.with_only_columns(CaseLink.other_id)
    return ctx.session.scalars(
        scope(ctx.actor, Message)
        .where(
            Message.id == message_id,
            # A message that was moved before its mail was written is still told to those it was written for.
            or_(Message.case_id == event.case_id, Message.case_id.in_(split_off)),
            Message.kind.in_(PUBLIC_KINDS),
        )
        .options(joinedload(Message.author), selectinload(Message.files))
    ).one_or_none()


def read_survey(ctx: Context, event: Event) -> Survey | None:
    """The survey that *event* is about; or the one that was asked in the same transaction and is not answered yet."""
    rows = scope(ctx.actor, Survey).options(joinedload(Survey.questions, innerjoin=True))
    if event.name.startswith("survey."):
        return ctx.session.scalars(rows.where(Survey.id == event.subject_id)).one_or_none()
    if not any(rule.mail in SURVEY_KINDS for rule in recipients.rules_of(event.name, mail=True)):
        return None
    asked = rows.where(
        Survey.case_id == event.case_id, Survey.asked_at == event.recorded_at, Survey.answered_at.is_(None)
    )
    return ctx.session.scalars(asked.order_by(Survey.id.desc()).limit(1)).one_or_none()
