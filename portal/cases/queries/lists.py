"""Lists of cases: the portal's tabs, the desk's queues, their filters, counts and pages. All start at the scope."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    column,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
    values,
)

from portal.authz.scopes import scope
from portal.cases.engine.answer_filters import AnswerFilter
from portal.cases.models import Case
from portal.cases.policies import (
    access_conditions,
    cases_granted_by_name,
    cases_shared_with_organizations,
    followed_cases,
    has_id_in,
    not_excluded,
)
from portal.cases.queries.answer_values import has_answer
from portal.cases.queries.detail import split_key
from portal.cases.queries.rows import (
    CaseRow,
    OrderedCases,
    fetch_cached_case_rows,
    fetch_cached_page,
    fetch_case_rows,
    fetch_page,
)
from portal.cases.queries.search import search_condition
from portal.cases.queries.status_filter import (
    ENDED_CASE,
    NOT_CLOSED,
    UNRESOLVED_CASE,
    split_token,
    state_condition,
    status_condition,
    status_row_condition,
)
from portal.cases.queries.tags import has_tag
from portal.cases.states import State
from portal.identity.models import User
from portal.kernel.actor import Actor, Id
from portal.kernel.bounded_counts import bounded_count, fetch_counts
from portal.kernel.context import Context
from portal.kernel.paging import Page, page_number, page_size
from portal.kernel.statement_cache import fetch_rows
from portal.tenants.models import Account

VIEWS = (
    "mine",
    "unassigned",
    "new",
    "customer-replied",
    "waiting",
    "on-hold",
    "escalated",
    "resolved",
    "recently-closed",
    "all",
)
SORTS: Mapping[str, Sequence[Any]] = {
    "-updated": (Case.updated_at.desc(), Case.id.desc()),
    "updated": (Case.updated_at, Case.id),
    "-opened": (Case.opened_at.desc(), Case.id.desc()),
    "opened": (Case.opened_at, Case.id),
    # What is due first (late first of all); then what is paused or promised nothing.
    "due": (Case.due_at, Case.severity, Case.updated_at, Case.id),
    "-due": (Case.due_at.desc().nulls_last(), Case.severity, Case.updated_at, Case.id),
    "severity": (Case.severity, Case.updated_at, Case.id),
    "-severity": (Case.severity.desc(), Case.updated_at, Case.id),
    "number": (Case.account_id, Case.number),
    "-number": (Case.account_id, Case.number.desc()),
    "subject": (func.lower(Case.subject), Case.id),
    "-subject": (func.lower(Case.subject).desc(), Case.id.desc()),
}
NEWEST = SORTS["-updated"]
# What a queue can be grouped by: groups come first in the order, so that a group is whole within its pages.
GROUPS: Mapping[str, Sequence[Any]] = {
    "account": (Case.account_id,),
    "owner": (Case.owner_id.nulls_last(),),
    "status": (Case.state,),
    "severity": (Case.severity,),
}
COUNT_LIMIT = 100
# Cases in a file of a list.
FILE_LIMIT = 1000
# Cases whose people the filters of a list offer.
PEOPLE_CASES = 100
# Built-in queues whose cases the rail counts.
_COUNTED = ("mine", "unassigned", "new", "customer-replied", "waiting", "on-hold", "escalated")
# The moment since when a page is open, for conditions of `View.entered`.
SINCE = bindparam("since", None, DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class View:
    """A queue that a later feature adds.

    `belongs` returns the condition for its cases. The statement is cached for the actor. The current time is the
    parameter `statement_cache.NOW`. Time alone may bring a case into it: `entered` returns the condition for cases
    that did not belong at the parameter SINCE.
    """

    key: str
    label: Callable[[], str]
    empty: Callable[[], str]
    icon: str
    belongs: Callable[[Actor], ColumnElement[bool]]
    tone: str = ""
    entered: Callable[[Actor], ColumnElement[bool]] | None = None


_added_views: dict[str, View] = {}


def set_views(added: Sequence[View] = ()) -> None:
    """Set the added queues."""
    _added_views.clear()
    _added_views.update({view.key: view for view in added})


# What a person put aside, which is not in their own queue. A later feature sets it.
_set_aside: list[Callable[[Actor], ColumnElement[bool]]] = []


def register_put_aside(condition: Callable[[Actor], ColumnElement[bool]] | None) -> None:
    """Keep cases that fulfil *condition* out of one's own queue; None: keep out none."""
    _set_aside[:] = [condition] if condition is not None else []


def added_view(view: str) -> View | None:
    """The queue *view*, if a later feature added it; else None."""
    return _added_views.get(view)


@dataclass(frozen=True, slots=True)
class CaseTab:
    """A tab that a later feature adds to the client's list of cases.

    `belongs` returns the condition for its cases; the scope applies beside it. `count` names a count of the frame
    (`queries.live`): the tab is shown while it is not 0.
    """

    key: str
    label: Callable[[], str]
    belongs: Callable[[Actor], ColumnElement[bool]]
    count: str


_added_tabs: dict[str, CaseTab] = {}


def set_case_tabs(added: Sequence[CaseTab] = ()) -> None:
    """Set the added tabs of the client's list."""
    _added_tabs.clear()
    _added_tabs.update({tab.key: tab for tab in added})


def added_tabs() -> Sequence[CaseTab]:
    """The tabs that later features added."""
    return tuple(_added_tabs.values())


def views() -> tuple[str, ...]:
    """The keys of all queues in the order of the menu. Added queues are placed before `waiting`."""
    at = VIEWS.index("waiting")
    return (*VIEWS[:at], *_added_views, *VIEWS[at:])


def counted_views() -> tuple[str, ...]:
    """The keys of the queues whose cases the rail counts, in the order of the menu."""
    return tuple(view for view in views() if view in _COUNTED or view in _added_views)


def sorts() -> frozenset[str]:
    """The keys of all sort orders."""
    return frozenset(SORTS)


def default_sort(view: str) -> str:
    """The sort order of *view* if the reader chooses none: the nearest promise first, ended cases by their update."""
    return "-updated" if view in ("recently-closed", "resolved") else "due"


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list. Every value is well formed."""

    states: frozenset[str] = frozenset()
    # Whether closed cases were asked for without a status.
    any_state: bool = False
    organization_id: uuid.UUID | None = None
    account_id: uuid.UUID | None = None
    environment_id: uuid.UUID | None = None
    department_id: uuid.UUID | None = None
    request_type_id: uuid.UUID | None = None
    reported_by_id: uuid.UUID | None = None
    contact_user_id: uuid.UUID | None = None
    owner_id: uuid.UUID | None = None
    # Of staff only.
    tag_id: uuid.UUID | None = None
    severity: int | None = None
    tier: int | None = None
    # By answers to own fields of the request type.
    answers: tuple[AnswerFilter, ...] = ()
    # Moments in seconds since 1970, UTC; `_to` is the first moment after the span. Numbers, because moments are no part
    # of the key of a cached statement.
    opened_from: int | None = None
    opened_to: int | None = None
    updated_from: int | None = None
    updated_to: int | None = None
    words: str = ""
    # Whether the question had more words than the limit.
    words_cut: bool = False
    sort: str = ""
    # The key of GROUPS by which a queue is grouped; '' for none.
    group: str = ""
    page: int = 1
    size: int = 20
    # Names of malformed parameters: the page lists them.
    ignored: tuple[str, ...] = field(default=())


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of all filters but the words, which need a search of their own."""
    columns = {
        Case.organization_id: filters.organization_id,
        Case.account_id: filters.account_id,
        Case.environment_id: filters.environment_id,
        Case.department_id: filters.department_id,
        Case.request_type_id: filters.request_type_id,
        Case.reported_by_id: filters.reported_by_id,
        Case.contact_user_id: filters.contact_user_id,
        Case.owner_id: filters.owner_id,
        Case.severity: filters.severity,
        Case.tier: filters.tier,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in columns.items() if value is not None]
    if filters.tag_id is not None:
        found.append(has_tag(filters.tag_id))
    if filters.request_type_id is not None:
        found += [has_answer(filters.request_type_id, one) for one in filters.answers]
    if filters.states:
        found.append(status_condition(filters.states))
    spans = (
        (Case.opened_at, filters.opened_from, filters.opened_to),
        (Case.updated_at, filters.updated_from, filters.updated_to),
    )
    for moment, first, after in spans:
        if first is not None:
            found.append(moment >= dt.datetime.fromtimestamp(first, dt.UTC))
        if after is not None:
            found.append(moment < dt.datetime.fromtimestamp(after, dt.UTC))
    return found


def tab_condition(actor: Actor, tab: str) -> ColumnElement[bool]:
    """The condition for cases in a tab of /cases. The scope applies as well, so a tab can only narrow it."""
    if tab in _added_tabs:
        return _added_tabs[tab].belongs(actor)
    if tab == "my":
        return or_(Case.reported_by_id == actor.user_id, Case.contact_user_id == actor.user_id)
    if tab == "waiting":
        mine = or_(Case.reported_by_id == actor.user_id, Case.contact_user_id == actor.user_id)
        return and_(mine, state_condition(State.WAITING, State.RESOLVED))
    if tab == "cc":
        return or_(cases_granted_by_name(actor), followed_cases(actor))
    if tab == "shared":
        return or_(Case.visibility == "shared", cases_shared_with_organizations(actor))
    return true()


def _access_paths(actor: Actor, tab: str, *, separate: bool = True) -> list[ColumnElement[bool]]:
    """Conditions that together select every visible case of *tab*; each one can use an index of its own."""
    ways = or_(*access_conditions(actor, separate=False))
    if tab in ("my", "waiting"):
        mine = (Case.reported_by_id == actor.user_id, Case.contact_user_id == actor.user_id)
        return [and_(one, ways) for one in mine] if separate else [and_(or_(*mine), ways)]
    if tab == "cc":
        return [and_(cases_granted_by_name(actor), ways), and_(followed_cases(actor), ways)]
    if tab in _added_tabs:
        return [and_(_added_tabs[tab].belongs(actor), ways)]
    return access_conditions(actor, separate=separate)


def _ids_by_path(actor: Actor, path: ColumnElement[bool], *where: ColumnElement[bool]) -> Select[Any]:
    return select(Case.id).where(Case.provider_id == actor.provider_id, path, not_excluded(actor), *where)


def tab_page(ctx: Context, tab: str, filters: Filters) -> Page[CaseRow]:
    """One page of a portal tab, newest update first. One statement.

    Sorted by update, each access path returns its newest rows, and the page is the newest of those. The cost does not
    grow with the company.
    """
    if filters.words:
        where = (*_conditions(filters), search_condition(ctx, filters.words))
        rows = scope(ctx.actor, Case).where(tab_condition(ctx.actor, tab), *where)
        return fetch_page(ctx, rows, SORTS[_tab_sort(filters)], filters.page, filters.size)
    return fetch_cached_page(ctx, _tab_cases, tab, shape_of(filters), number=filters.page, size=filters.size)


def tab_file(ctx: Context, tab: str, filters: Filters) -> Page[CaseRow]:
    """The first FILE_LIMIT cases of a portal tab in the order of the list, as one page. One statement."""
    if filters.words:
        rows = scope(ctx.actor, Case).where(tab_condition(ctx.actor, tab), *_conditions(filters))
        found = rows.where(search_condition(ctx, filters.words)), SORTS[_tab_sort(filters)]
        return _file_page(fetch_case_rows(ctx, *found, FILE_LIMIT + 1))
    return _file_page(fetch_cached_case_rows(ctx, _first_of_tab, tab, shape_of(filters), limit=FILE_LIMIT + 1))


def view_file(ctx: Context, view: str, filters: Filters) -> Page[CaseRow]:
    """The first FILE_LIMIT cases of a queue in the order of the list, as one page. One statement."""
    if filters.words:
        rows, order = _view_cases(ctx.actor, view, filters)
        rows = rows.where(search_condition(ctx, filters.words))
        return _file_page(fetch_case_rows(ctx, rows, order, FILE_LIMIT + 1))
    return _file_page(fetch_cached_case_rows(ctx, _view_cases, view, shape_of(filters), limit=FILE_LIMIT + 1))


def _file_page(rows: Sequence[CaseRow]) -> Page[CaseRow]:
    return Page(rows[:FILE_LIMIT], 1, FILE_LIMIT, len(rows) > FILE_LIMIT)


def people_in_tab(ctx: Context, tab: str) -> list[tuple[uuid.UUID, str]]:
    """(user id, name) of who reported, or is the contact of, one of the PEOPLE_CASES newest cases of a portal tab, by
    name. The list shows the same names. One statement."""
    return [(user_id, name) for user_id, name in map(tuple, fetch_rows(ctx, _people_of_tab, tab))]


def people_in_view(ctx: Context, view: str) -> list[tuple[uuid.UUID, str]]:
    """The same for the first PEOPLE_CASES cases of a queue."""
    return [(user_id, name) for user_id, name in map(tuple, fetch_rows(ctx, _people_of_view, view))]


def _people_of_tab(actor: Actor, tab: str) -> Select[Any]:
    return _people_of(_tab_cases(actor, tab, Filters(size=PEOPLE_CASES)))


def _people_of_view(actor: Actor, view: str) -> Select[Any]:
    return _people_of(_view_cases(actor, view, Filters(size=PEOPLE_CASES)))


def _people_of(cases: OrderedCases) -> Select[Any]:
    rows, order = cases
    picked = rows.with_only_columns(Case.reported_by_id, Case.contact_user_id).order_by(*order)
    shown = picked.limit(literal_column(str(PEOPLE_CASES))).cte("shown")
    people = union(select(shown.c.reported_by_id), select(shown.c.contact_user_id))
    named: tuple[Any, ...] = (User.id, User.name)
    return select(*named).where(User.id.in_(people)).order_by(User.name_folded, User.id)


def name_in_cases(ctx: Context, user_id: uuid.UUID) -> str:
    """The name of a person who reported, or is the contact of, a case that the actor sees; '' of anybody else."""
    for person in (Case.reported_by_id, Case.contact_user_id):
        rows = scope(ctx.actor, Case).join(User, User.id == person).where(person == user_id)
        found = ctx.session.scalar(rows.with_only_columns(User.name).limit(1))
        if found:
            return found
    return ""


def _tab_sort(filters: Filters) -> str:
    return filters.sort if filters.sort in sorts() else "-updated"


def _tab_cases(actor: Actor, tab: str, filters: Filters) -> OrderedCases:
    return _newest_of_tab(actor, tab, filters, page_number(filters.page) * page_size(filters.size) + 1)


def _first_of_tab(actor: Actor, tab: str, filters: Filters) -> OrderedCases:
    return _newest_of_tab(actor, tab, filters, FILE_LIMIT + 1)


def _newest_of_tab(actor: Actor, tab: str, filters: Filters, number: int) -> OrderedCases:
    """The cases of a tab in their order; in the default order at least the first *number* of them."""
    order = SORTS[_tab_sort(filters)]
    where = _conditions(filters)
    paths = _access_paths(actor, tab)
    if order is not NEWEST or not paths:
        return scope(actor, Case).where(tab_condition(actor, tab), *where), order
    most: Any = literal_column(str(int(number)))
    parts = [
        _ids_by_path(actor, path, tab_condition(actor, tab), *where).order_by(*NEWEST).limit(most) for path in paths
    ]
    near = union_all(*(select(part.subquery().c.id) for part in parts)).subquery()
    return scope(actor, Case).where(has_id_in(select(near.c.id))), order


def shape_of(filters: Filters) -> Filters:
    """What of *filters* shapes the statement of a list."""
    return replace(filters, words="", words_cut=False, ignored=())


def not_set_aside(actor: Actor) -> list[ColumnElement[bool]]:
    """The conditions for cases that the actor did not put aside for a while."""
    return [not_(condition(actor)) for condition in _set_aside]


def view_condition(actor: Actor, view: str) -> ColumnElement[bool]:
    """The condition for cases in a queue of the desk."""
    if view in _added_views:
        return _added_views[view].belongs(actor)
    match view:
        case "mine":
            mine = Case.owner_id == actor.staff_id
            return and_(mine, UNRESOLVED_CASE, *not_set_aside(actor)) if actor.staff_id else false()
        case "unassigned":
            return and_(Case.owner_id.is_(None), UNRESOLVED_CASE)
        case "new":
            return and_(state_condition(State.NEW), UNRESOLVED_CASE)
        case "customer-replied":
            spoke = Case.last_word == literal_column("'customer'", String())
            return and_(spoke, Case.first_answer_at.is_not(None), UNRESOLVED_CASE)
        case "waiting":
            return and_(state_condition(State.WAITING), UNRESOLVED_CASE)
        case "on-hold":
            return and_(state_condition(State.ON_HOLD), UNRESOLVED_CASE)
        case "escalated":
            return and_(Case.tier > literal_column("1"), UNRESOLVED_CASE)
        case "resolved":
            return and_(state_condition(State.RESOLVED), ENDED_CASE)
        case "recently-closed":
            return and_(state_condition(State.CLOSED), ENDED_CASE)
        case _:
            return true()


def view_page(ctx: Context, view: str, filters: Filters) -> Page[CaseRow]:
    """One page of a queue, in its default order unless the filters name another. One statement."""
    if filters.words:
        rows, order = _view_cases(ctx.actor, view, filters)
        return fetch_page(ctx, rows.where(search_condition(ctx, filters.words)), order, filters.page, filters.size)
    return fetch_cached_page(ctx, _view_cases, view, shape_of(filters), number=filters.page, size=filters.size)


def _view_cases(actor: Actor, view: str, filters: Filters) -> OrderedCases:
    order = SORTS[filters.sort if filters.sort in SORTS else default_sort(view)]
    return view_cases(actor, view, filters), (*GROUPS.get(filters.group, ()), *order)


def view_cases(actor: Actor, view: str, filters: Filters) -> Select[Any]:
    """The cases of a queue that meet *filters*, without the words and without an order."""
    found = scope(actor, Case).where(view_condition(actor, view), *_conditions(filters))
    return found.where(NOT_CLOSED) if view == "all" and not filters.states and not filters.any_state else found


def view_count(actor: Actor, view: str) -> ScalarSelect[int]:
    """The number of cases in a queue, up to COUNT_LIMIT, in the scope of the list. A part of a statement."""
    rows = scope(actor, Case).where(view_condition(actor, view))
    if view == "all":
        rows = rows.where(NOT_CLOSED)
    return bounded_count(rows.with_only_columns(Case.id), COUNT_LIMIT)


def view_counts(ctx: Context, views: Sequence[str]) -> dict[str, int]:
    """The number of cases by queue, up to COUNT_LIMIT each. One statement."""
    return fetch_counts(ctx, _view_counts, tuple(views))


def _view_counts(actor: Actor, views: tuple[str, ...]) -> Mapping[str, ScalarSelect[int]]:
    return {view: view_count(actor, view) for view in views}


def state_counts(ctx: Context, tab: str, statuses: Sequence[str]) -> dict[str, int]:
    """The number of cases in a tab by status (filter values), up to COUNT_LIMIT each. One statement."""
    wanted = tuple(statuses)
    found = dict.fromkeys(wanted, 0)
    for at, number in map(tuple, fetch_rows(ctx, _state_counts, tab, wanted)):
        found[wanted[at]] = min(found[wanted[at]] + number, COUNT_LIMIT)
    return found


def _state_counts(actor: Actor, tab: str, statuses: tuple[str, ...]) -> Select[Any]:
    """(position in *statuses*, number of cases), one row for each state of a status: the subquery of the access paths
    runs once for each row."""
    pairs = [(at, *split_token(token)) for at, status in enumerate(statuses) for token in status.split(",")]
    asked = values(column("at", Integer()), column("state", String()), column("last", String()), name="asked")
    # Column names as text: the access paths are nested too deeply for automatic correlation.
    here = status_row_condition(literal_column("asked.state", String()), literal_column("asked.last", String()))
    return select(asked.data(pairs).c.at, _count_in_tab(actor, tab, here))


def waiting_count(actor: Actor) -> ScalarSelect[int]:
    """The number of the actor's own cases that wait for their answer, up to COUNT_LIMIT. A part of a statement."""
    return _count_in_tab(actor, "my", state_condition(State.WAITING))


def count_own_cases_to_act_on(ctx: Context) -> dict[str, int]:
    """The numbers of the actor's own cases that wait for their answer (`waiting`) and for their decision on a solution
    (`resolved`), up to COUNT_LIMIT each. One statement."""
    return fetch_counts(ctx, _counts_to_act_on)


def _counts_to_act_on(actor: Actor) -> Mapping[str, ScalarSelect[int]]:
    resolved = _count_in_tab(actor, "my", state_condition(State.RESOLVED), ENDED_CASE)
    return {"waiting": waiting_count(actor), "resolved": resolved}


def _count_in_tab(actor: Actor, tab: str, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    """The number of cases in *tab* that meet *where*, each counted once. No path counts beyond COUNT_LIMIT."""
    paths = _access_paths(actor, tab, separate=False)
    parts = [_ids_by_path(actor, path, tab_condition(actor, tab), *where).limit(COUNT_LIMIT) for path in paths]
    if len(parts) == 1:
        return bounded_count(parts[0], COUNT_LIMIT)
    several = union(*(select(part.subquery().c.id) for part in parts)).subquery()
    return bounded_count(select(several.c.id), COUNT_LIMIT)


def home_cases(ctx: Context, limit: int = 5) -> Sequence[CaseRow]:
    """The cases of the home page: waiting, then resolved, then others by update; no closed ones."""
    rank = {State.WAITING.value: 0, State.RESOLVED.value: 1}
    found = fetch_cached_case_rows(ctx, _own_cases, limit=50)
    return sorted(found, key=lambda case: rank.get(case.state, 2))[:limit]


def _own_cases(actor: Actor) -> OrderedCases:
    return scope(actor, Case).where(tab_condition(actor, "my"), NOT_CLOSED), NEWEST


def similar_shared_cases(ctx: Context, words: str, limit: int = 3) -> Sequence[CaseRow]:
    """Open shared cases of others that match any word of *words*."""
    rows = scope(ctx.actor, Case).where(
        Case.visibility == "shared", UNRESOLVED_CASE, search_condition(ctx, words, every=False)
    )
    return fetch_case_rows(ctx, rows, NEWEST, limit)


def open_cases_of(ctx: Context, contact_user_id: uuid.UUID, limit: int = 5) -> Sequence[CaseRow]:
    """Visible unresolved cases of a person, newest update first."""
    rows = scope(ctx.actor, Case).where(Case.contact_user_id == contact_user_id, UNRESOLVED_CASE)
    return fetch_case_rows(ctx, rows, NEWEST, limit)


def rows_by_ids(ctx: Context, case_ids: Sequence[Id]) -> Sequence[CaseRow]:
    """The visible cases with these ids, ordered by key."""
    if not case_ids:
        return []
    rows = scope(ctx.actor, Case).where(Case.id.in_(case_ids))
    found = fetch_case_rows(ctx, rows, (Case.account_id, Case.number), len(case_ids))
    return sorted(found, key=lambda case: (case.account.key, case.number))


def rows_by_keys(ctx: Context, keys: Iterable[str]) -> Sequence[CaseRow]:
    """The visible cases with these keys, ordered by key. Missing and foreign keys are left out."""
    wanted = [parts for key in keys if (parts := split_key(key)) is not None]
    if not wanted:
        return []
    rows = (
        scope(ctx.actor, Case)
        .join(Account, Account.id == Case.account_id)
        .where(tuple_(Account.key, Case.number).in_(wanted))
    )
    found = fetch_case_rows(ctx, rows, (Case.account_id, Case.number), len(wanted))
    return sorted(found, key=lambda case: (case.account.key, case.number))
