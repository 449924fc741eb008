"""The agent case page (D-02), its change log, and the case as its customer sees it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from babel.dates import format_time
from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases import history, labels
from portal.cases.actions.desk import assignable_staff
from portal.cases.forms.conversation import DeskReplyForm, ReplyForm
from portal.cases.models import Case, CaseGrant
from portal.cases.panels import panels_of
from portal.cases.queries import by_key, conversation, detail, links, people, redirected_key
from portal.cases.queries.clients import email_and_open_count
from portal.cases.queries.history import change_events as change_log
from portal.cases.queries.history import edited_value_names
from portal.cases.queries.lists import view_page
from portal.cases.queries.names import names_in, staff_names
from portal.cases.queries.people import as_reader
from portal.cases.routes import desk
from portal.cases.routes.desk_pages import case_url, trail, view_label
from portal.cases.routes.desk_queue import chosen_account
from portal.cases.routes.filtering import read_filters
from portal.cases.routes.portal_case import show_case as portal_page
from portal.cases.rules import may_close
from portal.cases.states import AFTER_STAFF_REPLY, State, steps_from
from portal.cases.timeline import entries
from portal.cases.vocabulary import vocabulary
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.text import fold
from portal.tenants.queries import places
from portal.web import looking
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page
from portal.web.times import reader_locale, zone, zone_letters
from portal.web.urls import id_parameter

MAY = {
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


@desk.get("/cases/<key:key>")
@requires(Permission.CASE_READ)
def show(key: str) -> Any:
    """The case beside its queue; another spelling or a merged case leads to the right page."""
    context = ctx()
    case = by_key(context, key)
    target = redirected_key(context, case)
    if target and "stay" not in request.args:
        return redirect(url_for("desk.show", key=target, merged=case.key), 308)
    if key != case.key:
        return redirect(url_for("desk.show", key=case.key, **trail()), 308)
    return show_case(context, case, DeskReplyForm(formdata=None))


def show_case(
    context: Context, case: Case, form: Any, status: int = 200, *, kind: str = "reply", staged: Any = ()
) -> Any:
    """The page with *form* as the composer, in the mode *kind* (reply or note)."""
    context.notes[detail.SHOWN] = case.id
    before = id_parameter("before")
    messages, older = conversation.conversation(context, case, before=before)
    happened = conversation.case_events(context, case)
    names = names_in(context, happened)
    may = {name: can(context.actor, permission, case) for name, permission in MAY.items()}
    members = assignable_staff(context, case) if may["take"] else []
    by_staff = staff_names(context, members) if members else {}
    return page(
        "desk/case.html",
        status,
        case=case,
        form=form,
        older=older,
        messages=messages,
        may=may,
        words=labels,
        timeline=entries(
            case,
            messages,
            happened,
            names,
            staff_side=True,
            opening_files=conversation.opening_files(context, case),
            older=older,
        ),
        severity_name=names.get(f"severity:{case.severity}", str(case.severity)),
        severity_asked=names.get(f"severity:{case.severity_asked}", str(case.severity_asked)),
        owners=sorted(((str(i), name) for i, name in by_staff.items()), key=lambda row: fold(row[1])),
        departments=places.departments(context) if may["take"] else [],
        linked=links.linked_cases(context, case),
        wish=people.subscription(context, case),
        panels=panels_of(context, case),
        goes_on=redirected_key(context, case),
        strip=strip_of(context, case),
        requester=requester_of(context, case),
        solution=next((m for m in reversed(messages) if m.kind == "resolution"), None),
        **composer(context, case, form, kind=kind, staged=staged),
    )


def composer(context: Context, case: Case, form: Any, *, kind: str = "reply", staged: Any = ()) -> dict[str, Any]:
    """What the composer needs, on the case page and on its own."""
    grants = people.grants(context, case)
    others, to = copies(case, grants), first_name(case.contact_user.name)
    fresh(case, form)
    return {
        "grants": grants,
        "kind": kind,
        "staged": staged,
        "does": does(context, case),
        "base": f"/desk/cases/{case.key}",
        "sends": sends(context, case, to, len(others)),
        "to": to,
        "copies": others,
    }


def fresh(case: Case, form: Any) -> None:
    """Let a new form remember what its writer sees."""
    if not form.is_submitted() or not form.once.data:
        form.once.data = form.once.data or ids.new_id().hex
        form.version.data = form.version.data or str(case.version)
        if isinstance(form, DeskReplyForm):
            form.last.data = form.last.data or str(case.message_count)
            form.was.data = form.was.data or case.state


def does(context: Context, case: Case) -> set[str]:
    """The verbs that start from the case's state and that the actor may use; none for a case that lives elsewhere."""
    if case.merged_into_id or case.moved_to_id:
        return set()
    return {
        step.verb
        for step in steps_from(case.state, "staff")
        if (step.permission is None or can(context.actor, step.permission, case))
        and (step.verb != "close" or may_close(context.provider.who_closes, "staff"))
    }


def sends(context: Context, case: Case, to: str, others: int) -> list[tuple[str, str, str]]:
    """(status, words, what the button says) of what an answer can set; the first leaves the status as it is."""
    verbs = does(context, case)
    words_of = vocabulary(context, "staff")
    stays = words_of.word(AFTER_STAFF_REPLY.get(State(case.state), State(case.state)), "answered")
    found = [("", _("keep “%(state)s”", state=stays), send_label(to, others))]
    for verb, state in (
        ("ask", State.WAITING),
        ("start", State.IN_PROGRESS),
        ("hold", State.ON_HOLD),
        ("resolve", State.RESOLVED),
        ("reopen", State.OPEN),
    ):
        if verb in verbs:
            label = words_of.word(state)
            found.append((state.value, label, send_label(to, others, label)))
    return found


def send_label(to: str, others: int, state: str = "") -> str:
    """The button names who gets it, and what it does beside."""
    if state and others:
        return _("Send to %(name)s + %(n)d, set %(state)s", name=to, n=others, state=state)
    if state:
        return _("Send to %(name)s, set %(state)s", name=to, state=state)
    return _("Send to %(name)s + %(n)d", name=to, n=others) if others else _("Send to %(name)s", name=to)


def copies(case: Case, grants: Any) -> list[str]:
    """Who reads an answer beside the contact, by name."""
    found = [case.reported_by.name] if case.on_behalf and case.reported_side == "contact" else []
    rows: list[CaseGrant] = [g for g in grants if g.user and g.kind in ("participant", "affected")]
    return found + [g.user.name for g in rows if g.user]


def first_name(name: str) -> str:
    """What somebody is called on a button."""
    return (name.split() or [name])[0]


# -- the queue beside the case ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Strip:
    """The page of the queue that the case was opened from, and its neighbors in it."""

    label: str
    rows: Any
    more: bool
    previous: str = ""
    following: str = ""


def strip_of(context: Context, case: Case) -> Strip | None:
    """The queue of `?view=`; None without one. One statement, as long as one page of the list."""
    view = trail().get("view")
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
        return Strip(view_label(view), result.rows, result.has_next, following=keys[0] if keys else "")
    return Strip(
        view_label(view),
        result.rows,
        result.has_next,
        previous=keys[at - 1] if at else "",
        following=keys[at + 1] if at + 1 < len(keys) else "",
    )


@dataclass(frozen=True, slots=True)
class Requester:
    """The person the case is about, as an agent who calls them needs it."""

    email: str
    phone: str
    clock: str
    open: int


def requester_of(context: Context, case: Case) -> Requester:
    """Address, phone, what time it is there, and how much else they wait for."""
    user = case.contact_user
    email, waiting = email_and_open_count(context, user.id)
    clock = clock_at(user.zone or context.provider.zone, context.now)
    return Requester(email, case.phone or user.phone, clock, waiting)


def clock_at(name: str, now: dt.datetime) -> str:
    """What the clock on the wall shows in a zone: "14:02 (CET)"."""
    there, locale = now.astimezone(zone(name)), reader_locale()
    return f"{format_time(there.time(), 'short', locale=locale)} ({zone_letters(there)})"


# -- the change log, and the customer's eyes ------------------------------------------------------------------------


@desk.get("/cases/<key:key>/history")
@requires(Permission.CASE_READ)
def full_history(key: str) -> Any:
    """Every change: who, when, through which channel, old and new."""
    context = ctx()
    case = by_key(context, key)
    events, older = change_log(context, case, ids.parse(request.args.get("before")))
    names = names_in(context, events) | edited_value_names(context, events)
    return page(
        "desk/history.html",
        case=case,
        changes=history.changes(events, names),
        base=f"/desk/cases/{case.key}",
        older=str(events[-1].id) if older else "",
        newest="before" not in request.args,
    )


@desk.get("/cases/<key:key>/as-customer")
@requires(Permission.CASE_READ)
def as_customer(key: str) -> Any:
    """The portal's own page, read with the contact's eyes. Nothing on it acts; notes cannot be on it."""
    context = ctx()
    case = by_key(context, key)
    contact = case.contact_user
    with as_reader(context, contact) as theirs:
        try:
            seen = by_key(theirs, case.key)
        except NotFound:
            seen = None
        if seen is not None:
            with looking.through(theirs):
                html = drawn(theirs, seen)
    if seen is None:
        return page("desk/as_customer_blind.html", case=case, base=f"/desk/cases/{case.key}", back=case_url(case))
    return make_response(looking.still(html, keep="/desk"))


def drawn(theirs: Context, case: Case) -> str:
    """The portal's page with a banner that says so."""
    answer = portal_page(theirs, case, ReplyForm(formdata=None), template="desk/as_customer.html")
    return str(answer.get_data(as_text=True))
