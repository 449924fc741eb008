"""A mail as a row: subject and both bodies in the reader's language and zone.

It is written in the transaction of its consumer, under a Message-ID that depends on event and person only: writing it
twice stores it once. Sending is `jobs.send_mail`'s part."""

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from css_inline import CSSInliner
from flask import render_template
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from portal.announcements.labels import titled
from portal.announcements.queries import announcement, is_asked, updates_of
from portal.approvals import labels as approval_labels
from portal.approvals.queries.requests import find_request
from portal.cases.models import Case
from portal.cases.models.conversation import PUBLIC_KINDS
from portal.cases.queries.conversation import opening_files
from portal.cases.queries.interface import answer_lines, status_label, vocabulary
from portal.cases.queries.names import names_in
from portal.channels.mail.labels import failure_sentence
from portal.channels.mail.queries import threads
from portal.channels.mail.queries.log import inbound_mail
from portal.chat.labels import end_sentence
from portal.chat.queries.chats import agent_names, chat_lines, last_chat_of, names_of_writers
from portal.community.labels import author_name
from portal.community.queries import topics
from portal.community.queries.readers import told_post
from portal.identity.labels import describe_device
from portal.identity.models import User
from portal.identity.queries import password_of, primary_email, session_of_person
from portal.kernel import accent_colors, ids, outbox
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.text import clean_line
from portal.notifications import labels, mail_links, mime, urls
from portal.notifications.account_questions import read_account_question
from portal.notifications.invitations import invitation_text
from portal.notifications.mail_links import Purpose
from portal.notifications.mail_rules import MAIL, PlannedMail
from portal.notifications.models import OutgoingMail
from portal.notifications.queries import has_exclusions, quiet_hours_of
from portal.notifications.rules import (
    DIGEST_KIND,
    DIGEST_KINDS,
    NEWS_KIND,
    STAFF_KINDS,
    STAFF_NEWS_KIND,
    end_of_quiet,
    is_urgent,
    next_news_time,
)
from portal.registrations.queries import registration_of
from portal.sla.queries.case_clocks import latest_clocks, lead_alerted_at
from portal.surveys.queries import answered_questions
from portal.tenants.queries import providers as provider_queries
from portal.tenants.queries.organizations import organization_by_id
from portal.web import language, provider_texts
from portal.web.rich_text import restore_lines
from portal.web.times import load_zone

_GAP = re.compile(r"\n\s*\n\s*\n")


# Readable beside a light and a dark background.
_LINE = "#7d898f"


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
        html = inline_styles(render_template(f"notifications/emails/{mail.kind}.html", **values), ctx.provider.accent)
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
        text=finish_text(text),
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


def finish_text(text: str) -> str:
    """The plain text of a mail, with one empty line at most between two others, and the lines of quoted text back."""
    return restore_lines(_GAP.sub("\n\n", text).strip()) + "\n"


def inline_styles(html: str, accent: str) -> str:
    """The mail *html* with the styles of `emails/styles.css` in its elements, in the provider's *accent*. Nothing is
    loaded."""
    return _inliner(accent).inline(html)


@lru_cache(maxsize=64)
def _inliner(accent: str) -> CSSInliner:
    colors = accent_colors.derive_accent_colors(accent or accent_colors.BUILT_IN).light
    sheet = render_template(
        "notifications/emails/styles.css", colors=colors, edge=colors.edge or colors.button, line=_LINE
    )
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=False, extra_css=sheet)


def _sending_time(ctx: Context, mail: PlannedMail) -> dt.datetime:
    """When *mail* is sent: now, or at the end of the person's quiet hours if it can wait."""
    hours = quiet_hours_of(ctx, mail.person.id)
    if hours is None or is_urgent(mail.kind, mail.case.severity if mail.case else None):
        return ctx.now
    return end_of_quiet(ctx.now, load_zone(mail.person.zone or ctx.provider.zone), hours.begins, hours.ends)


def news_time(ctx: Context, person: User, since: dt.datetime) -> dt.datetime:
    """When the mail of the day of *person* is written whose first event was at *since*."""
    return next_news_time(since, load_zone(person.zone or ctx.provider.zone))


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
        "opening_files": opening_files(ctx, case) if case is not None and "![" in case.description else [],
        "who": mail.event.actor_name or _("Support"),
        "site": site,
        "case_url": case_url,
        "link": mime.link_mark(mail.token_id),
        "code": mime.code_mark(mail.token_id),
        "joins": mail.joins,
        "device": new_device_values(ctx, mail.event, person) if mail.kind == "new_device" else {},
        "factor": labels.factor_sentence(mail.event) if mail.kind == "factor_changed" else "",
        "invitation": invitation_text(ctx, mail.event, person) if mail.kind == "invitation" else None,
        "question": read_account_question(ctx, mail.event, person) if Purpose.CHOOSE in mail.offers else None,
        "arrived": inbound_mail(ctx, uuid.UUID(mail.event.facts["mail"])) if mail.kind == "reply_stopped" else None,
        "left_out": _left_out(ctx, mail.event),
        "survey": mail.survey,
        "stars_first": mail.survey is not None and mail.survey.questions.questions[0]["kind"] == "stars",
        "said": answered_questions(mail.survey, str(get_locale() or "en"), ctx.provider.locale) if mail.survey else [],
        "decides": Purpose.ACCEPT in mail.offers,
        "act": {purpose.name.lower(): f"{site}/a/{mail_links.link_mark(mail_id, purpose)}" for purpose in mail.offers},
        "on_desk": on_desk,
        "replies": case is not None
        and mail.replies
        and bool(threads.answer_address(ctx, case.key, person.id, to_staff=on_desk)),
        "promise": _promise_sentence(ctx, case, zone_name) if case and not on_desk else "",
        "content": case is not None and not has_exclusions(ctx, case.id),
        "state": status_label(ctx, case, "staff" if on_desk else "contact") if case else "",
        "alarm": alarm_values(ctx, mail.event, mail.case) if mail.case and mail.event.name == "sla.alarm" else {},
        "late": _late_lines(ctx, mail, zone_name),
        "alarms": [_case_alarm(ctx, person, event, case) for event, case in mail.cases[:DIGEST_CASES]]
        if mail.kind == DIGEST_KIND
        else [],
        "news": _news_by_case(ctx, mail, zone_name) if mail.kind in DIGEST_KINDS else [],
        "updates": len(mail.cases),
        "more": len({case.id for _event, case in mail.cases}) - DIGEST_CASES,
        "approval": approval_values(ctx, mail) if mail.event.name.startswith("approval.") and case else None,
        "sentence": labels.event_sentence(mail.event, "staff" if on_desk else "contact", mail.reason).rstrip(".?"),
        "chat": chat_values(ctx, mail, zone_name) if mail.kind == "chat_ended" else None,
        "announced": announced_values(ctx, mail, zone_name) if mail.event.name.startswith("announcement.") else None,
        "topic": community_values(ctx, mail) if mail.event.name.startswith("community.") else None,
        "answer": _registration_answer(ctx, person) if mail.kind == "not_let_in" else "",
        "registrations_path": _registrations_path(ctx, mail.event) if mail.kind == "registration_asked" else "",
        "failure": failure_sentence(str(mail.event.facts.get("failure", ""))),
        "why": labels.reason_label(mail.reason),
        "answers": answer_lines(ctx, case.answers, lambda when: labels.format_time(when, zone_name))
        if case is not None and mail.event.name == "case.submitted"
        else [],
        "details": detail_lines(ctx, mail, zone_name) if case and not has_exclusions(ctx, case.id) else [],
        "locale": str(get_locale() or "en"),
        "can_sign_in": password_of(ctx, person.id) is not None,
        "time": lambda when: labels.format_time(when, zone_name),
    }


def chat_values(ctx: Context, mail: PlannedMail, zone_name: str) -> dict[str, Any]:
    """What a mail says of a chat that has ended: why it ended, and its public lines with who wrote them and when."""
    row = last_chat_of(ctx, mail.event.subject_id) if mail.event.subject_id else None
    if row is None or mail.case is None:
        return {"sentence": _("Your chat has ended."), "lines": [], "agents": ""}
    found = chat_lines(ctx, row)
    lines = [_chat_line(row.started_at, mail.person.name, mail.case.description, (), zone_name)]
    lines = [] if found.has_older else lines
    lines += [
        _chat_line(one.occurred_at, one.author.name if one.author else _("Support"), one.body, one.files, zone_name)
        for one in found.messages
        if one.kind in PUBLIC_KINDS
    ]
    agents = ", ".join(names_of_writers(found))
    return {"sentence": end_sentence(row.end_reason, agent_names(row)), "lines": lines, "agents": agents}


def _chat_line(at: dt.datetime, who: str, body: str, files: Sequence[Any], zone_name: str) -> dict[str, str]:
    names = ", ".join(file.filename for file in files)
    return {"time": labels.format_time(at, zone_name), "who": who, "body": body, "files": names}


def approval_values(ctx: Context, mail: PlannedMail) -> dict[str, Any]:
    """What a mail says of a question for a yes: who asks, what was asked about, what differs from what was approved
    before, whom it waits for, and with a refusal its reason."""
    row = find_request(ctx, ids.parse_id(mail.event.facts.get("request")))
    if row is None or mail.case is None:
        return {}
    return {
        "asker": row.asked_by.name if row.asked_by is not None else mail.case.reported_by.name,
        "question": row.question,
        "facts": approval_labels.fact_rows(row.facts),
        "changed": approval_labels.difference_rows(row.approved_facts, row.facts),
        "reason": str(mail.event.facts.get("reason", "")),
        "due": row.due_at,
        "refused": row.state == "refused",
    }


def announced_values(ctx: Context, mail: PlannedMail, zone_name: str) -> dict[str, Any]:
    """What a mail says of an announcement: its title and text, its last update, its times in the reader's zone."""
    row = announcement(ctx, mail.event.subject_id) if mail.event.subject_id else None
    if row is None:
        return {}
    about, latest = mail.event.facts.get("about"), next(iter(updates_of(ctx, row)), None)
    told = (
        latest if about != "published" and latest is not None and latest.written_at == mail.event.occurred_at else None
    )
    path = f"{'/desk' if mail.kind in STAFF_KINDS else ''}/announcements/{row.id}"
    lines = []
    if row.starts_at is not None:
        lines.append(_("Begins: %(time)s", time=labels.format_time(row.starts_at, zone_name)))
    if row.ends_at is not None:
        lines.append(_("Ends: %(time)s", time=labels.format_time(row.ends_at, zone_name)))
    if row.next_update_at is not None and row.state == "published":
        lines.append(_("Next update by: %(time)s", time=labels.format_time(row.next_update_at, zone_name)))
    if about == "ended":
        asked = is_asked(ctx, row, mail.person.id)
        lines = [_("Does it work for you again? Say so on its page.")] if asked else []
    title = titled(row)
    return {
        "heading": _("Update on %(title)s", title=title)
        if about == "updated"
        else _("Ended: %(title)s", title=title)
        if about == "ended"
        else title,
        "title": title,
        "body": told.body if told is not None else row.body if about != "ended" else "",
        "lines": lines,
        "url": f"{urls.site_url(ctx)}{path}",
    }


def community_values(ctx: Context, mail: PlannedMail) -> dict[str, Any]:
    """What a mail says of a topic: for customers the author as the space shows them, for staff no text at all."""
    event, on_desk = mail.event, mail.kind in STAFF_KINDS
    if event.subject_id is None:
        return {}
    row = topics.topic(ctx, event.subject_id)
    post = told_post(ctx, ids.parse_id(event.facts.get("post"))) if not on_desk else None
    author, body = "", ""
    if post is not None and event.facts.get("about") == "answered":
        found = topics.authors_of(ctx, [post]).get((post.id, post.author_id))
        author = author_name(found)
        if found is not None and found.is_staff:
            author = _("%(name)s (Support)", name=author)
        body = post.body
    sentence = labels.event_sentence(event, "staff" if on_desk else "contact")
    path = f"/desk/community/topics/{row.id}" if on_desk else f"/community/{row.id}"
    anchor = f"#post-{event.facts['post']}" if event.facts.get("post") else ""
    return {
        "heading": _("New answer: %(title)s", title=row.title) if body else f"{sentence}: {row.title}",
        "author": author,
        "body": body,
        "url": f"{urls.site_url(ctx)}{path}{anchor}",
    }


def _left_out(ctx: Context, event: Event) -> list[str]:
    """A sentence for each file of the mail that *event* is about which was not kept."""
    if event.name != "case.files_refused":
        return []
    return list(inbound_mail(ctx, uuid.UUID(event.facts["mail"])).facts["left_out"])


def _registration_answer(ctx: Context, person: User) -> str:
    """What was written to *person*, whose registration was declined."""
    row = registration_of(ctx, person.id)
    return row.answer if row is not None else ""


def _registrations_path(ctx: Context, event: Event) -> str:
    """The page of those who wait at the organization of *event*."""
    row = organization_by_id(ctx, event.organization_id) if event.organization_id is not None else None
    return f"/org/{row.slug}/people/waiting" if row is not None else "/"


def new_device_values(ctx: Context, event: Event, person: User) -> dict[str, str]:
    """The browser and the network address of a sign-in, '' where its row is gone."""
    row = session_of_person(ctx, person.id, ids.parse_id(event.facts.get("session")))
    return {"name": describe_device(row.user_agent) if row else "", "ip": row.ip if row else ""}


def _promise_sentence(ctx: Context, case: Case, zone_name: str) -> str:
    """By when the customer hears from support next; '' where no time runs, or customers are shown no times."""
    if ctx.provider.promises_shown != "dates" or not case.unresolved:
        return ""
    clocks = [one for _row, one in latest_clocks(ctx, case) if one.kind != "resolution" and one.runs and one.due]
    nearest = min(clocks, key=lambda one: one.due or ctx.now, default=None)
    if nearest is None or nearest.due is None or nearest.due < ctx.now:
        return ""
    return labels.next_news_sentence(str(nearest.kind), labels.format_time(nearest.due, zone_name))


def _late_lines(ctx: Context, mail: PlannedMail, zone_name: str) -> list[str]:
    """What a customer reads of broken promises: which, by when it was promised where times are shown, who of support
    knows, and by when they hear next."""
    case, dates = mail.case, ctx.provider.promises_shown == "dates"
    if case is None or mail.event.name != "sla.late" or has_exclusions(ctx, case.id):
        return []
    lines, alerted = [], []
    for kind, due in mail.event.facts["late"]:
        when = labels.format_time(dt.datetime.fromisoformat(due), zone_name)
        lines.append(labels.late_sentence(kind, when if dates else ""))
        alerted.append(lead_alerted_at(ctx, case, kind))
    if any(alerted):
        lines.append(_("The team lead knows about it."))
    return [*lines, *([news] if (news := _promise_sentence(ctx, case, zone_name)) else ())]


def alarm_values(ctx: Context, event: Event, case: Case) -> dict[str, Any]:
    """What an alarm says: the promise in words, and when it is, or was, due."""
    kind = event.facts.get("clock")
    due = next((one.due for _row, one in latest_clocks(ctx, case) if one.kind == kind), None)
    return {"sentence": labels.alarm_sentence(event), "due": due, "also": labels.other_alarm_sentences(event)}


def _case_alarm(ctx: Context, person: User, event: Event, case: Case) -> dict[str, Any]:
    """One case of a digest. Where somebody is excluded from it, the mail carries its number only."""
    subject = "" if has_exclusions(ctx, case.id) else case.subject
    url = f"{urls.site_url(ctx)}/desk/cases/{case.key}"
    if event.name == "sla.alarm":
        said = alarm_values(ctx, event, case)
    else:
        said = {"sentence": _rule_sentence(event, case, person), "due": None, "also": []}
    return {**said, "case": case, "subject": subject, "url": url}


def _rule_sentence(event: Event, case: Case, person: User) -> str:
    """What an escalation rule did to *case*, for *person*."""
    is_owner = case.owner is not None and case.owner.user_id == person.id
    if event.name == "case.assigned" and not is_owner:
        return labels.former_owner_sentence(event)
    return labels.event_sentence(event, "staff")


def _news_by_case(ctx: Context, mail: PlannedMail, zone_name: str) -> list[dict[str, Any]]:
    """The cases of a mail of the day with what happened in each. Where somebody is excluded from a case, the mail
    carries its number only."""
    on_desk = mail.kind in STAFF_KINDS
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for event, case in mail.cases:
        if case.id not in found:
            if len(found) == DIGEST_CASES:
                continue
            subject = "" if has_exclusions(ctx, case.id) else case.subject
            url = f"{urls.site_url(ctx)}{'/desk' if on_desk else ''}/cases/{case.key}"
            state = status_label(ctx, case, "staff" if on_desk else "contact")
            found[case.id] = {"case": case, "subject": subject, "url": url, "state": state, "lines": []}
        sentence = labels.event_sentence(event, "staff" if on_desk else "contact").rstrip(".?")
        found[case.id]["lines"].append((labels.format_time(event.occurred_at, zone_name), sentence))
    return list(found.values())


def detail_lines(ctx: Context, mail: PlannedMail, zone_name: str) -> list[str]:
    """What a mail about a change of status or severity says beside its sentence: from what to what, why, until when,
    and each promise that moved, with its old and its new time."""
    facts, lines = mail.event.facts, []
    if mail.event.name == "case.severity_changed":
        names = names_in(ctx, [])
        before, after = (names.get(f"severity:{rank}", str(rank)) for rank in facts["severity"])
        lines.append(_("Severity: %(before)s → %(after)s", before=before, after=after))
    if facts.get("reason") or facts.get("joined"):
        lines.append(_("Reason: %(reason)s", reason=vocabulary.severity_reason(facts)))
    if facts.get("until"):
        until = dt.datetime.fromisoformat(facts["until"])
        lines.append(_("We will look at it again on: %(time)s", time=labels.format_time(until, zone_name)))
    return [*lines, *(labels.promise_sentence(promise, zone_name) for promise in mail.promises)]


def _subject(ctx: Context, mail: PlannedMail, values: dict[str, Any]) -> str:
    who, portal = values["who"], ctx.provider.called
    if mail.kind in (NEWS_KIND, STAFF_NEWS_KIND):
        return ngettext("%(num)d update in your cases", "%(num)d updates in your cases", len(mail.cases))
    if mail.case is None:
        subjects: dict[str, Callable[[], str]] = {
            "invitation": lambda: values["invitation"].subject,
            "registration": lambda: _("Your account at %(portal)s", portal=portal),
            "password_reset": lambda: _("Choose a new password for %(portal)s", portal=portal),
            "sign_in_link": lambda: _("Sign in at %(portal)s", portal=portal),
            "email_change": lambda: _("Confirm your address for %(portal)s", portal=portal),
            "email_change_notice": lambda: _("Your address for %(portal)s is to change", portal=portal),
            "announcement": lambda: values["announced"]["heading"],
            "community_news": lambda: values["topic"]["heading"],
            "community_waits": lambda: values["topic"]["heading"],
            "announcement_due": lambda: labels.event_sentence(mail.event, "staff"),
            "sight_gained": lambda: labels.sight_sentence(mail.event),
            "registration_asked": lambda: labels.event_sentence(mail.event, "contact"),
            "registration_waits": lambda: labels.event_sentence(mail.event, "staff"),
            "let_in": lambda: _("You have access to %(portal)s now", portal=portal),
            "not_let_in": lambda: _("Your registration at %(portal)s", portal=portal),
            "mailbox_paused": lambda: labels.pause_sentence(mail.event),
            "sending_paused": lambda: labels.sending_sentence(mail.event.facts["address"]),
            "which_account": lambda: _("Which account is your email about?"),
            "reply_stopped": lambda: _("Your email was not added to a case"),
            "sign_in_code": lambda: _("Sign in at %(portal)s", portal=portal),
            "new_device": lambda: _("Sign-in to %(portal)s from a new device", portal=portal),
            "factor_changed": lambda: _("Your two-step sign-in at %(portal)s", portal=portal),
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
        "workaround": lambda: _("A way around"),
        "resolved": lambda: _("Solved?"),
        "reminder": lambda: _("Still waiting for your answer"),
        "closing_soon": lambda: _("Closes within 24 hours"),
        "alarm": lambda: values["alarm"]["sentence"],
        "late_promise": lambda: _("We are late"),
        "approval_asked": lambda: values["sentence"],
        "approval_reminder": lambda: values["sentence"],
        "approval_decided": lambda: values["sentence"],
        "approval_expired": lambda: values["sentence"],
        "closed": lambda: _("How did we do?") if mail.survey else _("Closed"),
        "talked": lambda: _("How was the call?"),
        "low_score": lambda: (
            _("Score %(score)s of 5", score=mail.survey.score)
            if mail.survey and mail.survey.score
            else _("Not satisfied")
        ),
        "call_asked": lambda: _("%(who)s wants a call", who=who),
        "comment": lambda: values["sentence"],
        "status": lambda: values["sentence"],
        "added": lambda: values["sentence"],
        "files_refused": lambda: values["sentence"],
        "staff_news": lambda: values["sentence"],
        "chat_ended": lambda: (
            _("Your chat with %(name)s", name=values["chat"]["agents"])
            if values["chat"]["agents"]
            else _("Your question in the chat")
        ),
    }[mail.kind]()
    if not values["content"]:
        return f"{said} [{mail.case.key}]"
    return f"{said}{'' if said.endswith('?') else ':'} {mail.case.subject} [{mail.case.key}]"
