"""The case page of the desk (D-02): timeline, composer, queue strip, requester."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.dates import format_time
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases import labels
from portal.cases.forms.conversation import DeskReplyForm
from portal.cases.forms.fields import feature_answers
from portal.cases.models import Case
from portal.cases.pages.delayed_replies import describe_waiting
from portal.cases.pages.list_filters import chosen_account, read_filters
from portal.cases.pages.queue_trail import queue_trail, view_label
from portal.cases.panels import Verb, panels_at, panels_of
from portal.cases.presence import presence_sentences, present_on
from portal.cases.queries import conversation, links, people, redirected_key, shown_people
from portal.cases.queries.clients import ContactReach, contact_reach
from portal.cases.queries.lists import view_page
from portal.cases.queries.mentions import mention_names, people_on_case
from portal.cases.queries.names import names_in, staff_names
from portal.cases.queries.nobody_reads import reading_values
from portal.cases.queries.question_days import unanswered_since
from portal.cases.queries.shown_people import ShownGrant, ShownPerson
from portal.cases.queries.staff import assignable_staff
from portal.cases.queries.tags import tag_choices, tags_of_case
from portal.cases.rules import may_close
from portal.cases.states import AFTER_STAFF_REPLY, State, steps_from
from portal.cases.timeline import entries
from portal.cases.vocabulary import vocabulary
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.text import fold
from portal.tenants.queries import departments as department_queries
from portal.web.htmx import page
from portal.web.times import load_zone, reader_locale, zone_abbreviation
from portal.web.urls import id_parameter

PERMISSIONS = {
    "answer": Permission.CASE_ANSWER,
    "note": Permission.CASE_NOTE,
    "take": Permission.CASE_TAKE,
    "edit": Permission.CASE_EDIT,
    "severity": Permission.CASE_SEVERITY,
    "escalate": Permission.CASE_ESCALATE,
    "people": Permission.CASE_PEOPLE,
    "share": Permission.CASE_SHARE,
    "exclude": Permission.CASE_EXCLUDE,
    "follow": Permission.CASE_FOLLOW,
}


def render_case(
    context: Context, case: Case, form: Any, status: int = 200, *, kind: str = "reply", staged: Any = ()
) -> Any:
    """The page with *form* as the composer, in the mode *kind* (reply or note)."""
    before = id_parameter("before")
    shown = conversation.conversation(context, case, before=before)
    events = conversation.case_events(context, case)
    names = names_in(context, events) | mention_names(context, shown.messages)
    may = {name: can(context.actor, permission, case) for name, permission in PERMISSIONS.items()}
    card = requester_card(context, case)
    composer = composer_values(context, case, form, kind=kind, staged=staged, reach=card.reach)
    return page(
        "desk/case.html",
        status,
        case=case,
        form=form,
        older=shown.has_older,
        messages=shown.messages,
        may=may,
        labels=labels,
        unanswered_since=unanswered_since(context, case),
        present=presence_sentences(present_on(context, [case.id]).get(case.id, ())),
        timeline=entries(case, shown, events, names, staff_side=True, grants=composer["grants"]),
        waiting=describe_waiting(context, case) if before is None and context.person is not None else [],
        severity_name=names.get(f"severity:{case.severity}", str(case.severity)),
        severity_asked=names.get(f"severity:{case.severity_asked}", str(case.severity_asked)),
        departments=department_queries.active_departments(context) if may["take"] else [],
        linked=links.linked_cases(context, case),
        subscription=people.subscription(context, case),
        panels=panels_of(context, case),
        tags=tags_of_case(context, case.id),
        tag_names=[name for _id, name in tag_choices(context)] if may["note"] else [],
        continued_as=redirected_key(context, case),
        strip=queue_strip(context, case),
        requester=card,
        requester_lines=panels_at(context, "requester", case),
        solution=shown.solution,
        workaround=conversation.pinned_workaround(context, case, shown.messages) if case.unresolved else None,
        **composer,
    )


def composer_values(
    context: Context,
    case: Case,
    form: Any,
    *,
    kind: str = "reply",
    staged: Any = (),
    reach: ContactReach | None = None,
    answers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The values of the composer, on the case page and on its own page. *reach*: that of the contact, where it is known
    already. *answers*: those for panels in it, where they are not those that were sent."""
    grants = shown_people.shown_grants(context, case)
    reach = reach or contact_reach(context, case)
    addressees = [ShownPerson(case.contact_user.name, outside=False), *copied_people(case, grants, reach)]
    if not reach.reads:
        readers = [reader.user_id for reader in people.customer_readers(context, case) if reader.user_id]
        shown = shown_people.shown_people(context, case.organization_id, readers)
        addressees = [shown[user_id] for user_id in readers if user_id in shown]
    to, others = (addressees[0].name if addressees else ""), addressees[1:]
    receivers = Receivers(first_name(to), len(others), outside_count_label(case, addressees))
    remember_snapshot(case, form)
    answers_case = can(context.actor, Permission.CASE_ANSWER, case)
    return {
        **owner_values(context, case, grants if answers_case else (), answers_case=answers_case),
        **reading_values(context, case, reach),
        "grants": grants,
        "kind": kind,
        "staged": staged,
        "verbs": available_verbs(context, case),
        "base": f"/desk/cases/{case.key}",
        "status_choices": status_choices(context, case, receivers),
        "to": receivers.first,
        "to_whole": to or _("nobody"),
        "copies": others,
        "composer_panels": panels_at(
            context, "composer", Verb(case, "composer", answers=feature_answers() if answers is None else answers)
        ),
    }


@dataclass(frozen=True, slots=True)
class Mentionable:
    """The names that notes, and that replies, can call behind an @."""

    notes: Sequence[str]
    replies: Sequence[str]


def owner_values(
    context: Context, case: Case, grants: Sequence[ShownGrant] = (), *, answers_case: bool = True
) -> dict[str, Any]:
    """Who may own *case*, as choices, and whom its texts can mention. Nobody for those who do not answer it."""
    members = assignable_staff(context, case) if answers_case else []
    by_staff = staff_names(context, members) if members else {}
    owners = sorted(((str(i), name) for i, name in by_staff.items()), key=lambda row: fold(row[1]))
    own = str(context.actor.staff_id)
    replies = [name for _id, name in people_on_case(context, case, grants)] if answers_case else []
    return {
        "owners": owners,
        "mentionable": Mentionable([name for staff_id, name in owners if staff_id != own], replies),
    }


def draft_kind(form: Any) -> str:
    """The mode of the composer for the draft that *form* shows: reply or note."""
    return "note" if form.draft and "note" in form.draft.fields.get("kind", ()) else "reply"


def remember_snapshot(case: Case, form: Any) -> None:
    """Store in a new form what its writer sees: version, last position, state."""
    if not form.is_submitted() or not form.once.data:
        form.once.data = form.once.data or ids.new_id().hex
        form.version.data = form.version.data or str(case.version)
        if isinstance(form, DeskReplyForm):
            form.last.data = form.last.data or str(case.message_count)
            form.was.data = form.was.data or case.state


def available_verbs(context: Context, case: Case) -> set[str]:
    """The verbs that the actor may use in the case's state; none for a case that was merged or moved."""
    if case.merged_into_id or case.moved_to_id:
        return set()
    return {
        step.verb
        for step in steps_from(case.state, "staff")
        if (step.permission is None or can(context.actor, step.permission, case))
        and (step.verb != "close" or may_close(context.provider.who_closes, "staff"))
    }


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who reads an answer, as the send button names them: the first ('': nobody), how many others, and how many of all
    are outside the organization, in words ('': nobody)."""

    first: str
    others: int
    outside: str = ""


def outside_count_label(case: Case, people: Sequence[ShownPerson]) -> str:
    """How many of *people* are outside the organization of *case*, in words; '' for none."""
    outside = len([person for person in people if person.outside])
    if not outside:
        return ""
    return ngettext(
        "%(num)d outside %(organization)s",
        "%(num)d outside %(organization)s",
        outside,
        organization=case.organization.name,
    )


def status_choices(context: Context, case: Case, receivers: Receivers) -> list[tuple[str, str, str]]:
    """(status, label, button label) for every status that an answer can set. The first keeps the status."""
    verbs = available_verbs(context, case)
    words_of = vocabulary(context, "staff")
    stays = words_of.word(AFTER_STAFF_REPLY.get(State(case.state), State(case.state)), "answered")
    found = [("", _("keep “%(state)s”", state=stays), send_label(receivers))]
    for verb, state in (
        ("ask", State.WAITING),
        ("start", State.IN_PROGRESS),
        ("hold", State.ON_HOLD),
        ("resolve", State.RESOLVED),
        ("reopen", State.OPEN),
    ):
        if verb in verbs and (receivers.first or verb != "ask"):
            label = words_of.word(state)
            found.append((state.value, label, send_label(receivers, label)))
    return found


def send_label(receivers: Receivers, state: str = "") -> str:
    """The label of the send button: the receivers, who of them is outside the organization, and the next status."""
    label = _send_label(receivers.first, receivers.others, state)
    return f"{label} · {receivers.outside}" if receivers.outside else label


def _send_label(to: str, others: int, state: str) -> str:
    if not to:
        return _("Add to the case, set %(state)s", state=state) if state else _("Add to the case")
    if state and others:
        return _("Send to %(name)s + %(n)d, set %(state)s", name=to, n=others, state=state)
    if state:
        return _("Send to %(name)s, set %(state)s", name=to, state=state)
    return _("Send to %(name)s + %(n)d", name=to, n=others) if others else _("Send to %(name)s", name=to)


def copied_people(case: Case, grants: Sequence[ShownGrant], reach: ContactReach) -> list[ShownPerson]:
    """Those who read an answer beside the contact."""
    reports = case.on_behalf and case.reported_side == "contact" and reach.reporter_reads
    found = [ShownPerson(case.reported_by.name, outside=False)] if reports else []
    granted = [grant for grant in grants if grant.kind in ("participant", "affected")]
    return found + [ShownPerson(grant.name, grant.outside) for grant in granted]


def first_name(name: str) -> str:
    """The first word of *name*."""
    return (name.split() or [name])[0]


@dataclass(frozen=True, slots=True)
class QueueStrip:
    """A page of the queue that the case was opened from, with the neighbors of the case."""

    label: str
    rows: Any
    more: bool
    previous: str = ""
    following: str = ""


def queue_strip(context: Context, case: Case) -> QueueStrip | None:
    """The strip for the queue in `?view=`; None without one. One statement, one page of the list."""
    view = queue_trail().get("view")
    if view is None:
        return None
    try:
        chosen = chosen_account(context, ())
    except NotFound:
        chosen = None
    result = view_page(context, view, read_filters(context, {chosen.key: chosen.id} if chosen else {}))
    keys = [row.key for row in result.rows]
    at = keys.index(case.key) if case.key in keys else None
    if at is None:
        return QueueStrip(view_label(view), result.rows, result.has_next, following=keys[0] if keys else "")
    return QueueStrip(
        view_label(view),
        result.rows,
        result.has_next,
        previous=keys[at - 1] if at else "",
        following=keys[at + 1] if at + 1 < len(keys) else "",
    )


@dataclass(frozen=True, slots=True)
class RequesterCard:
    """The contact of a case, as an agent who calls them needs it."""

    email: str
    phone: str
    clock: str
    open: int
    reach: ContactReach


def requester_card(context: Context, case: Case) -> RequesterCard:
    """Address, phone, local time, and the number of their open cases."""
    user = case.contact_user
    reach = contact_reach(context, case)
    clock = clock_label(user.zone or context.provider.zone, context.now)
    return RequesterCard(reach.email, case.phone or user.phone, clock, reach.open, reach)


def clock_label(name: str, now: dt.datetime) -> str:
    """The local time in a zone: "14:02 (CET)"."""
    there, locale = now.astimezone(load_zone(name)), reader_locale()
    return f"{format_time(there.time(), 'short', locale=locale)} ({zone_abbreviation(there)})"
