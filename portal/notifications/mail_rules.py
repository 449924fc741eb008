"""The mails that the loop cannot do without: which event means which mail to whom. Wording is `writing`'s part."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import joinedload, selectinload

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.cases.models.conversation import PUBLIC_KINDS
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.actor import Side
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.notifications import recipients
from portal.notifications.recipients import Recipient
from portal.surveys.models import Survey

# The kind of due work that sends a mail.
MAIL = "mail"


# What people on the portal hear by mail; kinds name the template and the subject.
CUSTOMER_MAILS: Mapping[str, str] = {
    "case.submitted": "opened_for_you",
    "case.answered": "answered",
    "case.asked": "asked",
    "case.resolved": "resolved",
    "case.closing_soon": "closing_soon",
    "case.accepted": "closed",
    "case.closed": "closed",
    "case.auto_closed": "closed",
}


# What staff hear by mail, whatever they are to the case.
STAFF_MAILS: Mapping[str, str] = {
    "survey.low_score": "low_score",
    "survey.call_asked": "call_asked",
    "sla.alarm": "alarm",
}


# With which mails a survey may come.
SURVEY_KINDS = frozenset({"resolved", "closed"})


PERSON_MAILS: Mapping[str, str] = {
    "person.invited": "invitation",
    "person.reset_asked": "password_reset",
    "person.registered": "registration",
    "person.sign_in_asked": "sign_in_link",
    "person.password_set": "password_set",
}


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
    # May this person accept or reject the solution?
    decides: bool = False


def person_mails(ctx: Context, event: Event) -> Iterator[PlannedMail]:
    """The mail to the person whom an identity event is about."""
    user = ctx.session.get(User, event.subject_id)
    if user is not None and user.ended_at is None:
        yield PlannedMail(PERSON_MAILS[event.name], user, event, token_id=ids.parse_id(event.facts.get("token")))


def case_mails(ctx: Context, event: Event, case: Case) -> Iterator[PlannedMail]:
    """The mails of a case event. Nobody gets one who may not see the case now; a note never makes one."""
    if event.name not in CUSTOMER_MAILS or not event.facts.get("emailed", True):
        return
    message = public_message(ctx, event)
    if event.facts.get("message") and message is None:
        return
    if event.name == "case.closing_soon" and case.auto_close_at is None:
        return  # the worker was away for long: by now there is nothing to warn of
    survey = open_survey_of(ctx, event)
    for told in _case_recipients(ctx, event, case, survey):
        own = survey if survey is not None and survey.user_id == told.user.id else None
        yield PlannedMail(
            _kind(event, told),
            told.user,
            event,
            case,
            message,
            survey=own,
            token_id=own.token_id if own else None,
            decides=ctx.provider.customer_decides and can(told.actor, Permission.CASE_ACCEPT, case),
        )


def alarm_mails(ctx: Context, event: Event, case: Case) -> Iterator[PlannedMail]:
    """The mail to the staff whom an escalation step alarms."""
    for told in recipients.find_recipients(ctx, event, case):
        yield PlannedMail(STAFF_MAILS[event.name], told.user, event, case)


def survey_mails(ctx: Context, event: Event, case: Case) -> Iterator[PlannedMail]:
    """The mail to the staff who are told of a low answer (E24)."""
    survey = ctx.session.scalars(
        scope(ctx.actor, Survey)
        .where(Survey.id == event.subject_id)
        .options(joinedload(Survey.questions, innerjoin=True))
    ).one_or_none()
    if survey is not None:
        for told in recipients.find_recipients(ctx, event, case):
            yield PlannedMail(STAFF_MAILS[event.name], told.user, event, case, survey=survey)


def _case_recipients(ctx: Context, event: Event, case: Case, survey: Survey | None) -> list[Recipient]:
    readers = [t for t in recipients.find_recipients(ctx, event, case) if t.side is Side.CONTACT]
    known = {t.user.id for t in readers}
    extra = set()
    if event.name == "case.submitted" and case.reported_side == Side.CONTACT:
        extra.add(case.reported_by_id)  # who opens a case gets its receipt
    if survey is not None:
        extra.add(survey.user_id)  # who closed the case is asked nevertheless
    return [*readers, *recipients.contact_recipients(ctx, case, *(extra - known))]


def _kind(event: Event, told: Recipient) -> str:
    return "opened" if event.name == "case.submitted" and told.reason == "reporter" else CUSTOMER_MAILS[event.name]


def public_message(ctx: Context, event: Event) -> Message | None:
    """The message that *event* is about, if customers may read it."""
    message_id = ids.parse_id(event.facts.get("message"))
    if message_id is None:
        return None
    return ctx.session.scalars(
        scope(ctx.actor, Message)
        .where(Message.id == message_id, Message.case_id == event.case_id, Message.kind.in_(PUBLIC_KINDS))
        .options(joinedload(Message.author), selectinload(Message.files))
    ).one_or_none()


def open_survey_of(ctx: Context, event: Event) -> Survey | None:
    """The survey that was asked in the same transaction as *event*, and is not answered yet."""
    if CUSTOMER_MAILS.get(event.name) not in SURVEY_KINDS:
        return None
    return ctx.session.scalars(
        scope(ctx.actor, Survey)
        .where(Survey.case_id == event.case_id, Survey.asked_at == event.recorded_at, Survey.answered_at.is_(None))
        .options(joinedload(Survey.questions, innerjoin=True))
    ).one_or_none()
