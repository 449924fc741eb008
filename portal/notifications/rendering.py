"""A mail as a row: subject and both bodies in the reader's language and zone.

It is written in the transaction of its consumer, under a Message-ID that depends on event and person only: writing it
twice stores it once. Sending is `jobs.send_mail`'s part."""

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Any

from flask import render_template
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from portal.cases.models import Case
from portal.cases.queries.interface import status_label
from portal.cases.queries.names import names_in
from portal.channels.mail.labels import failure_sentence
from portal.channels.mail.queries import threads
from portal.identity.queries import password_of, primary_email
from portal.kernel import ids, outbox
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.text import clean_line
from portal.notifications import labels, mail_links, mime, urls
from portal.notifications.invitations import invitation_text
from portal.notifications.mail_links import Purpose
from portal.notifications.mail_rules import MAIL, PlannedMail
from portal.notifications.models import OutgoingMail
from portal.notifications.queries import has_exclusions, quiet_hours_of
from portal.notifications.rules import DIGEST_KIND, STAFF_KINDS, end_of_quiet, is_urgent
from portal.sla.queries.case_clocks import latest_clocks
from portal.surveys.queries import answered_questions
from portal.tenants.queries import providers as provider_queries
from portal.web import language, provider_texts
from portal.web.rich_text import restore_lines
from portal.web.times import load_zone

_GAP = re.compile(r"\n\s*\n\s*\n")


# The most cases that a digest names one by one.
DIGEST_CASES = 20


def store_mail(ctx: Context, mail: PlannedMail) -> uuid.UUID | None:
    """Store *mail* and owe its sending; returns its id. None, and nothing happens, if it is stored already or the
    person has no address."""
    address = mail.to or primary_email(ctx, mail.person.id)
    if not address:
        return None
    mail_id = ids.new_id()
    with (
        force_locale(language.language_of(mail.person, ctx.provider) or language.ENGLISH),
        provider_texts.use_texts_of(ctx.provider),
    ):
        values = _values(ctx, mail, mail_id)
        subject = clean_line(_subject(ctx, mail, values))
        text = render_template(f"notifications/emails/{mail.kind}.txt", **values)
        html = render_template(f"notifications/emails/{mail.kind}.html", **values)
    row = insert(OutgoingMail).values(
        id=mail_id,
        provider_id=ctx.provider_id,
        user_id=mail.person.id,
        case_id=mail.case.id if mail.case else None,
        event_id=mail.event.id,
        kind=mail.kind,
        message_id=message_id(ctx, mail),
        sender=mime.sender_address(ctx),
        recipient=address,
        subject=subject,
        text=restore_lines(_GAP.sub("\n\n", text).strip()) + "\n",
        html=html,
        token_id=mail.token_id,
        state="queued",
        attempts=0,
        created_at=ctx.now,
    )
    stored: uuid.UUID | None = ctx.session.scalar(row.on_conflict_do_nothing().returning(OutgoingMail.id))
    if stored is not None:
        outbox.schedule(ctx.session, ctx.provider_id, MAIL, stored, _sending_time(ctx, mail))
    return stored


def _sending_time(ctx: Context, mail: PlannedMail) -> dt.datetime:
    """When *mail* is sent: now, or at the end of the person's quiet hours if it can wait."""
    hours = quiet_hours_of(ctx, mail.person.id)
    if hours is None or is_urgent(mail.kind, mail.case.severity if mail.case else None):
        return ctx.now
    return end_of_quiet(ctx.now, load_zone(mail.person.zone or ctx.provider.zone), hours.begins, hours.ends)


def message_id(ctx: Context, mail: PlannedMail) -> str:
    """The same for the same event, or events of a digest, and person, for ever."""
    events = "+".join(str(event.id) for event, _case in mail.cases) or str(mail.event.id)
    digest = hashlib.sha256(f"{events}:{mail.person.id}:{mail.kind}".encode()).hexdigest()[:32]
    return f"<{digest}@{provider_queries.primary_host(ctx)}>"


def _values(ctx: Context, mail: PlannedMail, mail_id: uuid.UUID) -> dict[str, Any]:
    """What the templates may say. Where somebody is kept out of a case, its mails carry links only."""
    site, case, person = urls.site_url(ctx), mail.case, mail.person
    zone_name = person.zone or ctx.provider.zone
    on_desk = mail.kind in STAFF_KINDS
    case_url = f"{site}{'/desk' if on_desk else ''}/cases/{case.key}" if case else ""
    return {
        "provider": ctx.provider,
        "person": person,
        "event": mail.event,
        "case": case,
        "message": mail.message,
        "who": mail.event.actor_name or _("Support"),
        "site": site,
        "case_url": case_url,
        "link": mime.link_mark(mail.token_id),
        "joins": mail.joins,
        "invitation": invitation_text(ctx, mail.event, person) if mail.kind == "invitation" else None,
        "survey": mail.survey,
        "stars_first": mail.survey is not None and mail.survey.questions.questions[0]["kind"] == "stars",
        "said": answered_questions(mail.survey, str(get_locale() or "en"), ctx.provider.locale) if mail.survey else [],
        "decides": Purpose.ACCEPT in mail.offers,
        "act": {purpose.name.lower(): f"{site}/a/{mail_links.link_mark(mail_id, purpose)}" for purpose in mail.offers},
        "on_desk": on_desk,
        "replies": case is not None and mail.replies and bool(threads.answer_address(ctx, case.key, person.id)),
        "promise": _promise_sentence(ctx, case, zone_name) if case and not on_desk else "",
        "content": case is not None and not has_exclusions(ctx, case.id),
        "state": status_label(ctx, case, "staff" if on_desk else "contact") if case else "",
        "alarm": alarm_values(ctx, mail.event, mail.case) if mail.case and mail.event.name == "sla.alarm" else {},
        "alarms": [_case_alarm(ctx, event, case) for event, case in mail.cases[:DIGEST_CASES]],
        "more": len(mail.cases) - DIGEST_CASES,
        "sentence": labels.event_sentence(mail.event, "staff" if on_desk else "contact", mail.reason).rstrip(".?"),
        "failure": failure_sentence(str(mail.event.facts.get("failure", ""))),
        "why": labels.reason_label(mail.reason),
        "details": detail_lines(ctx, mail, zone_name) if case and not has_exclusions(ctx, case.id) else [],
        "css": mime.inline_styles(ctx.provider.accent),
        "locale": str(get_locale() or "en"),
        "can_sign_in": password_of(ctx, person.id) is not None,
        "time": lambda when: labels.format_time(when, zone_name),
    }


def _promise_sentence(ctx: Context, case: Case, zone_name: str) -> str:
    """By when the customer hears from support next; '' where no time runs, or customers are shown no times."""
    if ctx.provider.promises_shown != "dates" or not case.unresolved:
        return ""
    clocks = [one for _row, one in latest_clocks(ctx, case) if one.kind != "resolution" and one.runs and one.due]
    nearest = min(clocks, key=lambda one: one.due or ctx.now, default=None)
    if nearest is None or nearest.due is None or nearest.due < ctx.now:
        return ""
    return labels.next_news_sentence(str(nearest.kind), labels.format_time(nearest.due, zone_name))


def alarm_values(ctx: Context, event: Event, case: Case) -> dict[str, Any]:
    """What an alarm says: the promise in words, and when it is, or was, due."""
    kind = event.facts.get("clock")
    due = next((one.due for _row, one in latest_clocks(ctx, case) if one.kind == kind), None)
    return {"sentence": labels.alarm_sentence(event), "due": due, "also": labels.other_alarm_sentences(event)}


def _case_alarm(ctx: Context, event: Event, case: Case) -> dict[str, Any]:
    """One case of a digest. Where somebody is excluded from it, the mail carries its number only."""
    subject = "" if has_exclusions(ctx, case.id) else case.subject
    url = f"{urls.site_url(ctx)}/desk/cases/{case.key}"
    return {**alarm_values(ctx, event, case), "case": case, "subject": subject, "url": url}


def detail_lines(ctx: Context, mail: PlannedMail, zone_name: str) -> list[str]:
    """What a mail about a change of status or severity says beside its sentence: from what to what, why, until when,
    and each promise that moved, with its old and its new time."""
    facts, lines = mail.event.facts, []
    if mail.event.name == "case.severity_changed":
        names = names_in(ctx, [])
        before, after = (names.get(f"severity:{rank}", str(rank)) for rank in facts["severity"])
        lines.append(_("Severity: %(before)s → %(after)s", before=before, after=after))
    if facts.get("reason"):
        lines.append(_("Reason: %(reason)s", reason=facts["reason"]))
    if facts.get("until"):
        until = dt.datetime.fromisoformat(facts["until"])
        lines.append(_("We will look at it again on: %(time)s", time=labels.format_time(until, zone_name)))
    return [*lines, *(labels.promise_sentence(promise, zone_name) for promise in mail.promises)]


def _subject(ctx: Context, mail: PlannedMail, values: dict[str, Any]) -> str:
    who, portal = values["who"], ctx.provider.called
    if mail.case is None:
        subjects: dict[str, Callable[[], str]] = {
            "invitation": lambda: values["invitation"].subject,
            "registration": lambda: _("Your account at %(portal)s", portal=portal),
            "password_reset": lambda: _("Choose a new password for %(portal)s", portal=portal),
            "sign_in_link": lambda: _("Sign in at %(portal)s", portal=portal),
            "email_change": lambda: _("Confirm your address for %(portal)s", portal=portal),
            "email_change_notice": lambda: _("Your address for %(portal)s is to change", portal=portal),
            "sight_gained": lambda: labels.sight_sentence(mail.event),
            "mailbox_paused": lambda: labels.pause_sentence(mail.event),
            "password_set": lambda: _("Your password for %(portal)s was set", portal=portal),
            DIGEST_KIND: lambda: ngettext(
                "Promised times: %(num)d case needs you", "Promised times: %(num)d cases need you", len(mail.cases)
            ),
        }
        return subjects[mail.kind]()
    said = {
        "opened": lambda: _("We have your case"),
        "opened_for_you": lambda: _("%(who)s opened a case for you", who=who),
        "answered": lambda: _("%(who)s replied", who=who),
        "asked": lambda: _("%(who)s needs an answer", who=who),
        "resolved": lambda: _("Solved?"),
        "closing_soon": lambda: _("Closes within 24 hours"),
        "alarm": lambda: values["alarm"]["sentence"],
        "closed": lambda: _("How did we do?") if mail.survey else _("Closed"),
        "low_score": lambda: (
            _("Score %(score)s of 5", score=mail.survey.score)
            if mail.survey and mail.survey.score
            else _("Not satisfied")
        ),
        "call_asked": lambda: _("%(who)s wants a call", who=who),
        "comment": lambda: values["sentence"],
        "status": lambda: values["sentence"],
        "added": lambda: values["sentence"],
        "staff_news": lambda: values["sentence"],
    }[mail.kind]()
    if not values["content"]:
        return f"{said} [{mail.case.key}]"
    return f"{said}{'' if said.endswith('?') else ':'} {mail.case.subject} [{mail.case.key}]"
