"""What an open page asks for every few seconds: counts, cases that came into its queue, messages of its case.

One statement, cached for the actor, in which each part starts at a scope and stops at COUNT_LIMIT.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    or_,
    select,
)

from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.cases.queries.lists import (
    COUNT_LIMIT,
    Filters,
    added_view,
    counted_views,
    view_cases,
    view_count,
    waiting_count,
)
from portal.kernel.actor import Actor
from portal.kernel.bounded_counts import bounded_count, fetch_counts
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.statement_cache import fetch_rows
from portal.tenants.models import Account

CountPart = Callable[[Actor], ScalarSelect[int]]
# Cases that are told by key; the page says "20+" for more.
ARRIVALS_LIMIT = 20
# Events of the provider that are looked through, the newest first.
EVENTS_LIMIT = 500
# A transaction that began before the page was drawn may commit after it.
OVERLAP = dt.timedelta(seconds=10)
LONGEST = dt.timedelta(days=1)
_LAST_MESSAGE = bindparam("last_message", None, Uuid())
_CASE = bindparam("case_id", None, Uuid())
_SINCE_ID = bindparam("since_id", None, Uuid())
# Name and count, as a key of a cached statement can hold them.
CountParts = tuple[tuple[str, CountPart], ...]
_count_parts: CountParts = ()


@dataclass(frozen=True, slots=True)
class CountedView:
    """A saved view whose cases a reader counts, with their own sight: a queue and filters without words. *key* names
    the count."""

    key: str
    base: str
    filters: Filters


def set_count_parts(parts: Mapping[str, CountPart]) -> None:
    """Set the counts of later features (the bell), by name."""
    global _count_parts
    _count_parts = tuple(parts.items())


def fetch_frame_counts(
    ctx: Context, *, on_portal: bool, queues: bool, saved: Sequence[CountedView] = ()
) -> dict[str, int]:
    """The counts in the frame of a page: those of later features, on the portal the waiting cases, with *queues* those
    of the desk's queues, and those of the *saved* views. One statement."""
    return fetch_counts(ctx, _frame_counts, on_portal, counted_views() if queues else (), _count_parts, tuple(saved))


def _frame_counts(
    actor: Actor, on_portal: bool, queues: tuple[str, ...], parts: CountParts, saved: tuple[CountedView, ...]
) -> Mapping[str, ScalarSelect[int]]:
    found = {name: part(actor) for name, part in parts}
    if on_portal:
        found["waiting"] = waiting_count(actor)
    found |= {view: view_count(actor, view) for view in queues}
    for view in saved:
        rows = view_cases(actor, view.base, view.filters).with_only_columns(Case.id)
        found[view.key] = bounded_count(rows, COUNT_LIMIT)
    return found


@dataclass(frozen=True, slots=True)
class OpenQueue:
    """A queue that is open on the reader's screen: its filters, when it was drawn, and an id of that moment."""

    view: str
    filters: Filters
    since: dt.datetime
    after: uuid.UUID


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that is open on the reader's screen, and the newest message on it."""

    case_id: uuid.UUID
    last_message: uuid.UUID


@dataclass(frozen=True, slots=True)
class News:
    """The counts by name, the keys of cases that something happened to, the number of new messages."""

    counts: Mapping[str, int]
    cases: Sequence[str]
    messages: int
    # Whether the reader sees the open case.
    sees_case: bool = False


def fetch_news(
    ctx: Context,
    *,
    queues: bool,
    queue: OpenQueue | None = None,
    open_case: OpenCase | None = None,
    saved: Sequence[CountedView] = (),
) -> News:
    """The news of a page; one statement. *queues*: with the counts of the desk's queues, and of the *saved* views.

    The keys are of cases in *queue* that an event names since it was drawn, or that time moved into it. Messages of
    the actor do not count.
    """
    values = {
        "since": max(queue.since, ctx.now - LONGEST) if queue else ctx.now,
        "since_id": _moved_back(queue.after) if queue else None,
        "case_id": open_case.case_id if open_case else None,
        "last_message": open_case.last_message if open_case else None,
    }
    asked = (queue.view, queue.filters) if queue else None
    shape = (counted_views() if queues else (), _count_parts, tuple(saved), asked, open_case is not None)
    row = fetch_rows(ctx, _news, *shape, **values)[0]
    found = dict(row._mapping)
    cases, messages = found.pop("_cases", None) or (), found.pop("_messages", None) or 0
    found_case = found.pop("_sees", False)
    return News(found, cases, messages, bool(found_case))


def _moved_back(moment: uuid.UUID) -> uuid.UUID:
    """An id of OVERLAP before *moment*, an id of ours (its first 48 bits are milliseconds)."""
    return uuid.UUID(int=max((moment.int >> 80) - OVERLAP // dt.timedelta(milliseconds=1), 0) << 80)


def _news(
    actor: Actor,
    queues: tuple[str, ...],
    counts: CountParts,
    saved: tuple[CountedView, ...],
    queue: tuple[str, Filters] | None,
    in_case: bool,
) -> "Select[Any]":
    found = _frame_counts(actor, actor.is_contact, queues, counts, saved)
    parts: list[Any] = [part.label(name) for name, part in found.items()]
    if queue:
        parts.append(_arrivals(actor, *queue).label("_cases"))
    if in_case:
        fresh = scope(actor, Message).where(
            Message.case_id == _CASE,
            Message.id > _LAST_MESSAGE,
            Message.author_id.is_distinct_from(bindparam("reader", actor.user_id, Uuid())),
        )
        parts.append(bounded_count(fresh.with_only_columns(Message.id), COUNT_LIMIT).label("_messages"))
        parts.append(scope(actor, Case).where(Case.id == _CASE).with_only_columns(Case.id).exists().label("_sees"))
    return select(*parts)


def _arrivals(actor: Actor, view: str, filters: Filters) -> ScalarSelect[Any]:
    """The keys of cases in a queue that an event names since :since, or that time moved into it."""
    added = added_view(view)
    moved: list[ColumnElement[bool]] = [Case.id.in_(_cases_of_events(actor))]
    if added and added.entered:
        moved.append(added.entered(actor))
    rows = view_cases(actor, view, filters).join(Account, Account.id == Case.account_id).where(or_(*moved))
    key = (Account.key + "-" + cast(Case.number, String())).label("key")
    keys = rows.with_only_columns(key).limit(ARRIVALS_LIMIT + 1).subquery()
    return select(func.array_agg(keys.c.key, type_=ARRAY(Text()))).scalar_subquery()


def _cases_of_events(actor: Actor) -> "Select[Any]":
    rows = select(Event.case_id).where(
        Event.provider_id == actor.provider_id, Event.id > _SINCE_ID, Event.case_id.is_not(None)
    )
    newest = rows.order_by(Event.id.desc()).limit(EVENTS_LIMIT).subquery()
    return select(newest.c.case_id)
