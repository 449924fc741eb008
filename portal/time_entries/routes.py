"""The time worked on a case, and the list of all time for who reviews it."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import flash, url_for
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.staff import possible_owners
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.local_times import read_date
from portal.tenants.queries.accounts import account_choices
from portal.time_entries import actions, queries
from portal.time_entries.forms import TimeForm
from portal.time_entries.labels import minutes_words
from portal.time_entries.models import CaseTimer, TimeEntry
from portal.time_entries.panels import records_time
from portal.time_entries.queries import WIDEST, TimeFilters
from portal.time_entries.rules import measured_seconds, rounded_minutes, write_minutes
from portal.web.csv_files import csv_response
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import FeatureBlueprint, requires
from portal.web.htmx import page, see
from portal.web.times import reader_zone
from portal.web.urls import carried_query, id_parameter, list_page, text_parameter

time_entries = FeatureBlueprint("time_entries", __name__)
answers = requires(Permission.CASE_ANSWER)
reviews = requires(Permission.TIME_REVIEW)
# The days of the list that nobody chose.
USUAL = dt.timedelta(days=30)
CARRIED = ("person", "account", "from", "to", "billable")
BILLABLE = {"yes": True, "no": False}


@time_entries.get("/desk/cases/<key:key>/time")
@answers
def index(key: str) -> Any:
    """The time worked on a case, and the form of a new entry; with `?entry=` that of one of them."""
    context = ctx()
    case = load_case(context, key)
    return show_time(context, case, None, row=chosen_entry(context, case, id_parameter("entry")))


@time_entries.post("/desk/cases/<key:key>/time")
@answers
def change(key: str) -> Any:
    """Add an entry, or do what the button of one, or of the timer, says."""
    context, form = ctx(), TimeForm()
    case = load_case(context, key, lock=True)
    entry_id = ids.parse_id(form.entry.data)
    row = chosen_entry(context, case, entry_id)
    said: list[str] = []
    failed = submit_form(form, lambda: said.append(use_verb(context, case, row, form)))
    if failed:
        case = by_key(context, key)
        row = chosen_entry(context, case, entry_id) if form.verb.data == "change" else None
        return show_time(context, case, form, failed, row=row)
    flash(said[0])
    # The address of the form carries the queue that the reader came from.
    where = "desk.show" if form.verb.data == "start" else "time_entries.index"
    return see(url_for(where, key=case.key) + carried_query())


def load_case(context: Context, key: str, *, lock: bool = False) -> Case:
    """The case of the page. Raises Forbidden for who may not answer it, NotFound where no time is written down."""
    if not records_time(context):
        raise NotFound
    case = by_key(context, key, lock=lock)
    require(context.actor, Permission.CASE_ANSWER, case)
    return case


def chosen_entry(context: Context, case: Case, entry_id: uuid.UUID | None) -> TimeEntry | None:
    """The entry of *case* that the actor may change; None for any other."""
    row = queries.find_entry(context, case, entry_id) if entry_id is not None else None
    return row if row is not None and actions.may_change(context, row) else None


def use_verb(context: Context, case: Case, row: TimeEntry | None, form: TimeForm) -> str:
    """Do what *form* says, with the entry *row* where it is about one; without a verb add one. Returns what is said
    then. Raises Refused for an entry that is gone."""
    today = reader_day(context.now)
    match form.verb.data or "add":
        case "add":
            once, timed = (form.once.data or "")[:64], bool(form.timer.data)
            actions.add_entry(context, case, form.facts(), today, once=once, ends_timer=timed)
            return _("Saved.")
        case "start":
            other = actions.start_timer(context, case)
            if other is None:
                return _("Your timer runs.")
            return _("Your timer runs. That of %(key)s stopped; its time waits there to be saved.", key=other.key)
        case "stop":
            actions.stop_timer(context, case)
            return _("Your timer stopped. Its time stands in the form; save it, or discard it.")
        case "discard":
            actions.discard_timer(context, case)
            return _("The time of your timer is discarded.")
        case "change" | "remove" if row is None:
            raise Refused(_("This entry is not there any more, or it is not yours"))
        case "change" if row is not None:
            actions.change_entry(context, case, row, form.facts(), today)
            return _("Saved.")
        case "remove" if row is not None:
            actions.remove_entry(context, case, row)
            return _("Removed. The history of the case keeps that it was there.")
    raise Refused(_("Choose what to do"))


def reader_day(moment: dt.datetime) -> dt.date:
    """The day of *moment* where the reader is."""
    return moment.astimezone(reader_zone()).date()


def show_time(context: Context, case: Case, form: TimeForm | None, status: int = 200, *, row: TimeEntry | None) -> Any:
    """The page of the time of *case*, with *form* for a new entry or for *row*; None: one that is filled anew."""
    timer = queries.own_timer(context, case)
    shown = form if form is not None else form_of(context, row, timer)
    shown.once.data = shown.once.data or ids.new_id().hex
    numbers = queries.panel_numbers(context, case.id)
    values = {
        "found": queries.entries_of(context, case.id, list_page()),
        "worked": minutes_words(numbers.minutes),
        "billable": minutes_words(numbers.billable),
        "timer": timer_words(context, timer),
        "timers": [(one.case, timer_words(context, one)) for one in queries.other_timers(context, case)],
        "may_change": lambda entry: actions.may_change(context, entry),
        "minutes_words": minutes_words,
    }
    return page(
        "time_entries/index.html", status, row=row, **values, case=case, form=shown, base=f"/desk/cases/{case.key}"
    )


def form_of(context: Context, row: TimeEntry | None, timer: CaseTimer | None) -> TimeForm:
    """The form filled with what *row* says; else a new one of today, filled with the time of a *timer* that stopped."""
    if row is not None:
        data = {"minutes": write_minutes(row.minutes), "text": row.text, "day": str(row.worked_on)}
        return TimeForm(formdata=None, data={**data, "billable": row.billable})
    if timer is None or timer.started_at is not None:
        return TimeForm(formdata=None, data={"day": str(reader_day(context.now)), "billable": True})
    data = {"minutes": write_minutes(rounded_minutes(timer.seconds)), "day": str(reader_day(timer.began_at))}
    return TimeForm(formdata=None, data={**data, "billable": True, "timer": "yes"})


def timer_words(context: Context, timer: CaseTimer | None) -> dict[str, Any] | None:
    """What pages say of a timer: its seconds, their words, and whether it runs; None for none."""
    if timer is None:
        return None
    seconds = measured_seconds(timer.seconds, timer.started_at, context.now)
    return {"seconds": seconds, "words": minutes_words(seconds // 60), "running": timer.started_at is not None}


@time_entries.get("/desk/time")
@reviews
def listed() -> Any:
    """The time that everybody worked on the cases that the reader sees, with filters and totals."""
    context = ctx()
    filters = read_filters(context)
    totals = queries.totals(context, filters)
    people, accounts = possible_owners(context), account_choices(context)
    asked = {name: value for name in CARRIED if (value := text_parameter(name, 100))}
    return page(
        "time_entries/list.html",
        found=queries.entries(context, filters),
        filters=filters,
        totals=totals,
        minutes_words=minutes_words,
        people=people,
        accounts=[(row.key, f"{row.name} ({row.key})") for row in accounts],
        asked=asked,
        narrowed=bool(asked),
        export_query=urlencode(asked),
        widest=WIDEST.days,
    )


@time_entries.get("/desk/time/export")
@reviews
def export() -> Any:
    """The rows of the list, on all its pages, as CSV."""
    context = ctx()
    found = queries.exported_entries(context, read_filters(context))
    head = ["case", "subject", "account", "person", "day", "minutes", "billable", "text", "added_at"]
    return csv_response("time.csv", head, found, csv_lines(found.rows))


def csv_lines(rows: Any) -> Iterator[list[str]]:
    """The lines of the file, one for each entry."""
    for row in rows:
        yield [
            *(row.case.key, row.case.subject, row.case.account.name, row.staff.user.name, str(row.worked_on)),
            *(str(row.minutes), "yes" if row.billable else "no", row.text),
            row.added_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ]


def read_filters(context: Context) -> TimeFilters:
    """The filters of the address; without days the last 30. Invalid values do not filter; an unknown person or account
    finds nothing. Raises NotFound where no time is written down."""
    if not records_time(context):
        raise NotFound
    until = read_date(text_parameter("to", 10)) or reader_day(context.now)
    since = read_date(text_parameter("from", 10)) or until - USUAL
    return TimeFilters(
        since=max(since, until - WIDEST),
        until=until,
        staff_id=_person(),
        account_id=_account(context),
        billable=BILLABLE.get(text_parameter("billable", 5)),
        page=list_page(),
    )


def _person() -> uuid.UUID | None:
    asked = text_parameter("person", 64)
    return (ids.parse_id(asked) or uuid.UUID(int=0)) if asked else None


def _account(context: Context) -> uuid.UUID | None:
    asked = text_parameter("account", 64)
    if not asked:
        return None
    known = {row.key: row.id for row in account_choices(context)}
    return known.get(asked.upper(), uuid.UUID(int=0))
