"""The mails that the loop cannot do without: which event writes which mail to whom, with what subject.

A mail is a row, written in the transaction of its consumer under a Message-ID that depends on event and person only:
writing it twice stores it once. Sending is `jobs.send_mail`'s part.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload, selectinload

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import Case, CaseExclusion, Message
from portal.cases.models.message import PUBLIC_KINDS
from portal.cases.states import State
from portal.cases.words import state_label
from portal.identity.models import User
from portal.identity.queries import password_of, primary_email
from portal.kernel import ids, outbox
from portal.kernel.actor import Side
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.text import clean_line
from portal.notifications import letter, links, recipients, words
from portal.notifications.models import OutgoingMail
from portal.notifications.recipients import Told
from portal.surveys.models import Survey
from portal.tenants.queries import actors

MAIL = "mail"
_GAP = re.compile(r"\n\s*\n\s*\n")

# What people on the portal hear by mail; kinds name the template and the subject.
TO_CUSTOMERS: Mapping[str, str] = {
    "case.submitted": "opened_for_you",
    "case.answered": "answered",
    "case.asked": "asked",
    "case.resolved": "resolved",
    "case.closing_soon": "closing_soon",
    "case.accepted": "closed",
    "case.closed": "closed",
    "case.auto_closed": "closed",
}
TO_PERSON: Mapping[str, str] = {
    "person.invited": "invitation",
    "person.reset_asked": "password_reset",
    "person.password_set": "password_set",
}


@dataclass(frozen=True, slots=True)
class Letter:
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


# -- who gets which -----------------------------------------------------------------------------------------------


def about_person(ctx: Context, event: Event) -> Iterator[Letter]:
    """The mail to the person whom an identity event is about."""
    user = ctx.session.get(User, event.subject_id)
    if user is not None and user.ended_at is None:
        yield Letter(TO_PERSON[event.name], user, event, token_id=ids.parse(event.facts.get("token")))


def about_case(ctx: Context, event: Event, case: Case) -> Iterator[Letter]:
    """The mails of a case event. Nobody gets one who may not see the case now; a note never makes one."""
    if event.name not in TO_CUSTOMERS or not event.facts.get("emailed", True):
        return
    message = public_message(ctx, event)
    if event.facts.get("message") and message is None:
        return
    if event.name == "case.closing_soon" and case.state != State.RESOLVED:
        return  # the worker was away for long: by now there is nothing to warn of
    survey = survey_of(ctx, event)
    for told in _readers(ctx, event, case, survey):
        own_survey = survey if survey is not None and survey.user_id == told.user.id else None
        yield Letter(
            _kind(event, told), told.user, event, case, message, own_survey, own_survey.token_id if own_survey else None,
            decides=can(told.actor, Permission.CASE_ACCEPT, case),
        )


def _readers(ctx: Context, event: Event, case: Case, survey: Survey | None) -> list[Told]:
    readers = [t for t in recipients.to_tell(ctx, event, case) if t.side is Side.CONTACT]
    known = {t.user.id for t in readers}
    extra = set()
    if event.name == "case.submitted" and case.reported_side == Side.CONTACT:
        extra.add(case.reported_by_id)  # who opens a case gets its receipt
    if survey is not None:
        extra.add(survey.user_id)  # who closed the case is asked nevertheless
    return [*readers, *recipients.customers(ctx, case, *(extra - known))]


def _kind(event: Event, told: Told) -> str:
    return "opened" if event.name == "case.submitted" and told.reason == "reporter" else TO_CUSTOMERS[event.name]


def public_message(ctx: Context, event: Event) -> Message | None:
    """The message that *event* is about, if customers may read it."""
    message_id = ids.parse(event.facts.get("message"))
    if message_id is None:
        return None
    return ctx.session.scalars(
        scope(ctx.actor, Message).where(
            Message.id == message_id, Message.case_id == event.case_id, Message.kind.in_(PUBLIC_KINDS)
        ).options(joinedload(Message.author), selectinload(Message.files))
    ).one_or_none()


def survey_of(ctx: Context, event: Event) -> Survey | None:
    """The open survey that was created in the same transaction as *event*, an ending."""
    if TO_CUSTOMERS.get(event.name) != "closed":
        return None
    return ctx.session.scalars(
        scope(ctx.actor, Survey).where(
            Survey.case_id == event.case_id, Survey.asked_at == event.recorded_at, Survey.answered_at.is_(None)
        )
    ).one_or_none()


# -- writing --------------------------------------------------------------------------------------------------------


def write(ctx: Context, mail: Letter) -> OutgoingMail | None:
    """Store *mail* and owe its sending; None if it is stored already or the person has no address."""
    address = primary_email(ctx, mail.person.id)
    if not address:
        return None
    with force_locale(mail.person.locale or ctx.provider.locale or "en"):
        values = _values(ctx, mail)
        subject = clean_line(_subject(ctx, mail, values))
        text = render_template(f"notifications/emails/{mail.kind}.txt", **values)
        html = render_template(f"notifications/emails/{mail.kind}.html", **values)
    row = {
        "id": ids.new_id(), "provider_id": ctx.provider_id, "user_id": mail.person.id,
        "case_id": mail.case.id if mail.case else None, "event_id": mail.event.id, "kind": mail.kind,
        "message_id": message_id(ctx, mail), "sender": letter.sender(ctx), "recipient": address, "subject": subject,
        "text": _GAP.sub("\n\n", text).strip() + "\n", "html": html, "token_id": mail.token_id, "state": "queued", "attempts": 0, "created_at": ctx.now,
    }
    stored = ctx.session.scalar(insert(OutgoingMail).values(row).on_conflict_do_nothing().returning(OutgoingMail.id))
    if stored is None:
        return None
    outbox.schedule(ctx.session, ctx.provider_id, MAIL, stored, ctx.now)
    return ctx.session.get(OutgoingMail, stored)


def message_id(ctx: Context, mail: Letter) -> str:
    """The same for the same event and person, for ever."""
    digest = hashlib.sha256(f"{mail.event.id}:{mail.person.id}:{mail.kind}".encode()).hexdigest()[:32]
    return f"<{digest}@{actors.primary_host(ctx)}>"


def _values(ctx: Context, mail: Letter) -> dict[str, Any]:
    """What the templates may say. Where somebody is kept out of a case, its mails carry links only."""
    site, case, person = links.site(ctx), mail.case, mail.person
    zone_name = person.zone or ctx.provider.zone
    case_url = f"{site}/cases/{case.key}" if case else ""
    return {
        "provider": ctx.provider, "person": person, "event": mail.event, "case": case, "message": mail.message,
        "who": mail.event.actor_name or _("Support"), "site": site, "case_url": case_url, "link": letter.LINK,
        "survey": mail.survey, "decides": mail.decides, "content": case is not None and not _walled(ctx, case),
        "state": state_label(case, "contact") if case else "", "css": letter.STYLES, "locale": str(get_locale() or "en"),
        "can_sign_in": password_of(ctx, person.id) is not None, "time": lambda when: words.moment(when, zone_name),
        "root": letter.thread_root(ctx, case.id) if case else "",
    }


def _walled(ctx: Context, case: Case) -> bool:
    """Whether anybody is excluded from *case*: mail boxes are read by more people than their owners."""
    found = select(CaseExclusion.id).where(CaseExclusion.case_id == case.id).limit(1)
    return ctx.session.scalar(found) is not None


def _subject(ctx: Context, mail: Letter, values: dict[str, Any]) -> str:
    who, portal = values["who"], ctx.provider.name
    if mail.case is None:
        return {
            "invitation": lambda: _("%(who)s invited you to %(portal)s", who=mail.event.actor_name or portal, portal=portal),
            "password_reset": lambda: _("Choose a new password for %(portal)s", portal=portal),
            "password_set": lambda: _("Your password for %(portal)s was set", portal=portal),
        }[mail.kind]()
    said = {
        "opened": lambda: _("We have your case"),
        "opened_for_you": lambda: _("%(who)s opened a case for you", who=who),
        "answered": lambda: _("%(who)s replied", who=who),
        "asked": lambda: _("%(who)s needs an answer", who=who),
        "resolved": lambda: _("Solved?"),
        "closing_soon": lambda: _("Closes within 24 hours"),
        "closed": lambda: _("How did we do?") if mail.survey else _("Closed"),
    }[mail.kind]()
    if not values["content"]:
        return f"{said} [{mail.case.key}]"
    return f"{said}{'' if said.endswith('?') else ':'} {mail.case.subject} [{mail.case.key}]"
