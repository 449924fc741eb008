"""Reads of worked time."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, func, select, true
from sqlalchemy.orm import joinedload, load_only

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_first, fetch_page_of
from portal.kernel.statement_cache import fetch_rows
from portal.tenants.models import StaffMember
from portal.time_entries.models import CaseTimer, TimeEntry

SIZE = 50
EXPORTED = 10_000
# The widest span of days of a list, and how many timers of one person a page names.
WIDEST = dt.timedelta(days=366)
NAMED_TIMERS = 10
_AUTHOR = joinedload(TimeEntry.staff, innerjoin=True).joinedload(StaffMember.user, innerjoin=True)


@dataclass(frozen=True, slots=True)
class TimeFilters:
    """The filters of the list: days from *since* to *until* (both count), and what narrows it (None: nothing)."""

    since: dt.date
    until: dt.date
    staff_id: uuid.UUID | None = None
    account_id: uuid.UUID | None = None
    billable: bool | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Totals:
    """Minutes: all of them, and the billable ones."""

    minutes: int = 0
    billable: int = 0


def _sums() -> tuple[ColumnElement[int], ColumnElement[int]]:
    worked = func.coalesce(func.sum(TimeEntry.minutes), 0).label("minutes")
    billable = func.coalesce(func.sum(TimeEntry.minutes).filter(TimeEntry.billable), 0).label("billable")
    return worked, billable


def panel_numbers(ctx: Context, case_id: uuid.UUID) -> Any:
    """The totals of a case (minutes, billable), and the actor's timer of it (seconds, started_at; None for none), as a
    row of columns. One statement."""
    return fetch_rows(ctx, _numbers, case_id=case_id)[0]


def _numbers(actor: Actor) -> "Select[Any]":
    this = bindparam("case_id", None, Uuid())
    totals = scope(actor, TimeEntry).where(TimeEntry.case_id == this).with_only_columns(*_sums()).subquery()
    own = scope(actor, CaseTimer).where(CaseTimer.case_id == this, CaseTimer.staff_id == actor.staff_id)
    timer = own.with_only_columns(CaseTimer.seconds, CaseTimer.started_at).subquery()
    return select(totals, timer).select_from(totals.outerjoin(timer, true()))


def entries_of(ctx: Context, case_id: uuid.UUID, number: int) -> Page[TimeEntry]:
    """A page of the entries of a case with their authors, the latest day first."""
    rows = scope(ctx.actor, TimeEntry).where(TimeEntry.case_id == case_id).options(_AUTHOR)
    return fetch_page_of(ctx.session, rows.order_by(TimeEntry.worked_on.desc(), TimeEntry.id.desc()), number, SIZE)


def find_entry(ctx: Context, case: Case, entry_id: uuid.UUID) -> TimeEntry | None:
    """One entry of *case*; None for any other."""
    rows = scope(ctx.actor, TimeEntry).where(TimeEntry.case_id == case.id, TimeEntry.id == entry_id)
    return ctx.session.scalars(rows.options(_AUTHOR)).one_or_none()


def entry_of_press(ctx: Context, case: Case, once: str) -> TimeEntry | None:
    """The entry that the actor's form with the token *once* wrote on *case*; None for none."""
    rows = scope(ctx.actor, TimeEntry).where(TimeEntry.staff_id == ctx.actor.staff_id, TimeEntry.once == once)
    return ctx.session.scalars(rows.where(TimeEntry.case_id == case.id)).one_or_none()


def own_timer(ctx: Context, case: Case, *, lock: bool = False) -> CaseTimer | None:
    """The actor's timer of *case*; None for none."""
    rows = scope(ctx.actor, CaseTimer).where(CaseTimer.case_id == case.id, CaseTimer.staff_id == ctx.actor.staff_id)
    if lock:
        rows = rows.with_for_update(of=CaseTimer).execution_options(populate_existing=True)
    return ctx.session.scalars(rows).one_or_none()


def other_timers(ctx: Context, case: Case) -> Sequence[CaseTimer]:
    """The actor's timers of cases other than *case*, the running one first, with their cases."""
    rows = scope(ctx.actor, CaseTimer).where(CaseTimer.case_id != case.id, CaseTimer.staff_id == ctx.actor.staff_id)
    seen = joinedload(CaseTimer.case, innerjoin=True).joinedload(Case.account, innerjoin=True)
    order = (CaseTimer.started_at.desc().nulls_last(), CaseTimer.id)
    return ctx.session.scalars(rows.options(seen).order_by(*order).limit(NAMED_TIMERS)).all()


def entries(ctx: Context, filters: TimeFilters) -> Page[TimeEntry]:
    """A page of the entries that *filters* find, the latest day first, with author, case and account."""
    return fetch_page_of(ctx.session, _shown(ctx, filters), filters.page, SIZE)


def exported_entries(ctx: Context, filters: TimeFilters) -> Page[TimeEntry]:
    """At most EXPORTED entries in the order of the list, as `entries` loads them, as one page."""
    return fetch_first(ctx.session, _shown(ctx, filters), EXPORTED)


def totals(ctx: Context, filters: TimeFilters) -> Totals:
    """The minutes of all entries that *filters* find, on every page of the list."""
    row = ctx.session.execute(_matching(ctx, filters).with_only_columns(*_sums())).one()
    return Totals(int(row.minutes), int(row.billable))


def _shown(ctx: Context, filters: TimeFilters) -> "Select[Any]":
    case = joinedload(TimeEntry.case, innerjoin=True)
    seen = load_only(Case.subject, Case.number, Case.account_id, Case.organization_id, Case.provider_id, raiseload=True)
    rows = _matching(ctx, filters).options(_AUTHOR, case.options(seen), case.joinedload(Case.account, innerjoin=True))
    shown: Select[Any] = rows.order_by(TimeEntry.worked_on.desc(), TimeEntry.id.desc())
    return shown


def _matching(ctx: Context, filters: TimeFilters) -> "Select[Any]":
    found: list[ColumnElement[bool]] = [TimeEntry.worked_on >= filters.since, TimeEntry.worked_on <= filters.until]
    if filters.staff_id is not None:
        found.append(TimeEntry.staff_id == filters.staff_id)
    if filters.account_id is not None:
        found.append(TimeEntry.account_id == filters.account_id)
    if filters.billable is not None:
        found.append(TimeEntry.billable.is_(filters.billable))
    return scope(ctx.actor, TimeEntry).where(*found)
