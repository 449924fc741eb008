"""Lists of cases: the portal's tabs, the desk's queues, their filters, counts and pages. All start at the scope."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select
from sqlalchemy.orm import defer, joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case, CaseFollow, CaseGrant
from portal.cases.policies import let_into, shared_with
from portal.cases.queries.finding import matching
from portal.cases.queries.standing import standing
from portal.cases.states import State
from portal.kernel.context import Context
from portal.kernel.paging import Page, paged
from portal.tenants.models import StaffMember

TABS = ("my", "shared", "cc", "all")
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
    "severity": (Case.severity, Case.updated_at, Case.id),
    "-severity": (Case.severity.desc(), Case.updated_at, Case.id),
    "number": (Case.account_id, Case.number),
    "-number": (Case.account_id, Case.number.desc()),
    "subject": (func.lower(Case.subject), Case.id),
    "-subject": (func.lower(Case.subject).desc(), Case.id.desc()),
}
COUNT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class View:
    """A queue that a later feature adds: its name in the reader's words, its icon, what belongs in it, by which of its
    sorts it is read, what stands there when it is empty."""

    key: str
    label: Callable[[], str]
    empty: Callable[[], str]
    icon: str
    belongs: Callable[[Context], ColumnElement[bool]]
    sort: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Ordering:
    """A way to sort lists that a later feature adds: what has to be joined for it, and the order."""

    join: Callable[[Select[Any]], Select[Any]]
    by: Sequence[Any]


_more: dict[str, View] = {}
_orderings: dict[str, Ordering] = {}
_sorts_of: dict[str, str] = {}


def install_views(
    added: Sequence[View] = (), orderings: Mapping[str, Ordering] | None = None, sorts: Mapping[str, str] | None = None
) -> None:
    """Add queues, ways to sort, and the sort by which built-in queues are read from now on; wiring.py says which."""
    _more.clear()
    _more.update({view.key: view for view in added})
    _orderings.clear()
    _orderings.update(orderings or {})
    _sorts_of.clear()
    _sorts_of.update({view.key: view.sort for view in added} | dict(sorts or {}))


def added_view(view: str) -> View | None:
    """The queue of that key, if a later feature added it."""
    return _more.get(view)


def views() -> tuple[str, ...]:
    """Every queue, in the order of the rail: added ones stand before those that wait."""
    at = VIEWS.index("waiting")
    return (*VIEWS[:at], *_more, *VIEWS[at:])


def sorts() -> frozenset[str]:
    """Every way to sort a list."""
    return frozenset((*SORTS, *_orderings))


def default_sort(view: str) -> str:
    """How *view* is read unless the reader says otherwise."""
    return _sorts_of.get(view) or ("-updated" if view in ("recently-closed", "resolved") else "severity")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asked a list for; every value is already known to be well formed."""

    states: frozenset[str] = frozenset()
    account_id: uuid.UUID | None = None
    environment_id: uuid.UUID | None = None
    department_id: uuid.UUID | None = None
    request_type_id: uuid.UUID | None = None
    reported_by_id: uuid.UUID | None = None
    contact_user_id: uuid.UUID | None = None
    owner_id: uuid.UUID | None = None
    severity: int | None = None
    tier: int | None = None
    words: str = ""
    sort: str = ""
    page: int = 1
    size: int = 20
    # Names of parameters that could not be understood: the page says so.
    ignored: tuple[str, ...] = field(default=())


def _conditions(ctx: Context, filters: Filters) -> list[ColumnElement[bool]]:
    columns = {
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
    if filters.states:
        found.append(standing(filters.states))
    if filters.words:
        found.append(matching(ctx, filters.words))
    return found


def shown_in_lists() -> list[Any]:
    """What a row shows, in the same statement; the long text stays where it is."""
    return [
        defer(Case.description),
        joinedload(Case.account, innerjoin=True),
        joinedload(Case.environment),
        joinedload(Case.reported_by, innerjoin=True),
        joinedload(Case.contact_user, innerjoin=True),
        joinedload(Case.owner).joinedload(StaffMember.user),
        joinedload(Case.department),
    ]


def _page(ctx: Context, rows: Select[Any], filters: Filters, fallback: str) -> Page[Case]:
    chosen = filters.sort if filters.sort in sorts() else fallback
    if chosen in _orderings:
        rows, order = _orderings[chosen].join(rows), _orderings[chosen].by
    else:
        order = SORTS[chosen]
    statement = rows.where(*_conditions(ctx, filters)).options(*shown_in_lists()).order_by(*order)
    return paged(ctx.session, statement, filters.page, filters.size)


def in_tab(ctx: Context, tab: str) -> ColumnElement[bool]:
    """What belongs in a tab of /cases; the scope stands before it, so a tab can only narrow."""
    actor = ctx.actor
    mine = or_(Case.reported_by_id == actor.user_id, Case.contact_user_id == actor.user_id)
    if tab == "my":
        return mine
    followed = select(CaseFollow.case_id).where(CaseFollow.user_id == actor.user_id, CaseFollow.wish == "follow")
    if tab == "cc":
        return or_(let_into(actor), Case.id.in_(followed))
    if tab == "shared":
        return and_(
            shared_with(actor),
            or_(
                Case.visibility == "shared",
                Case.id.in_(select(CaseGrant.case_id).where(CaseGrant.to_organization_id.in_(set(actor.memberships)))),
            ),
        )
    return literal(True)


def tab_page(ctx: Context, tab: str, filters: Filters) -> Page[Case]:
    """One page of a portal tab, newest update first. One statement."""
    return _page(ctx, scope(ctx.actor, Case).where(in_tab(ctx, tab)), filters, "-updated")


def in_view(ctx: Context, view: str) -> ColumnElement[bool]:
    """What belongs in a queue of the desk."""
    if view in _more:
        return _more[view].belongs(ctx)
    active = Case.state.not_in((State.RESOLVED.value, State.CLOSED.value))
    return {
        "mine": and_(Case.owner_id == ctx.actor.staff_id, active) if ctx.actor.staff_id else false(),
        "unassigned": and_(Case.owner_id.is_(None), active),
        "new": Case.state == State.NEW.value,
        "customer-replied": and_(Case.last_word == "customer", Case.first_answer_at.is_not(None), active),
        "waiting": Case.state == State.WAITING.value,
        "on-hold": Case.state == State.ON_HOLD.value,
        "escalated": and_(Case.tier > 1, active),
        "resolved": Case.state == State.RESOLVED.value,
        "recently-closed": Case.state == State.CLOSED.value,
        "all": literal(True) if view == "all" else active,
    }[view]


def view_page(ctx: Context, view: str, filters: Filters) -> Page[Case]:
    """One page of a queue, in the order of `default_sort` unless the filters say otherwise. One statement."""
    rows = scope(ctx.actor, Case).where(in_view(ctx, view))
    if view == "all" and not filters.states:
        rows = rows.where(Case.state != State.CLOSED.value)
    return _page(ctx, rows, filters, default_sort(view))


def _capped(rows: Select[Any]) -> Any:
    return select(func.count()).select_from(rows.with_only_columns(Case.id).limit(COUNT_LIMIT).subquery())


def view_counts(ctx: Context, views: Sequence[str]) -> dict[str, int]:
    """How many cases each queue holds, counted up to COUNT_LIMIT, by the same scope as the lists. One statement."""
    counted = [
        _capped(scope(ctx.actor, Case).where(in_view(ctx, view))).scalar_subquery().label(view.replace("-", "_"))
        for view in views
    ]
    row = ctx.session.execute(select(*counted)).one()
    return dict(zip(views, row, strict=True))


def state_counts(ctx: Context, tab: str, statuses: Sequence[str]) -> dict[str, int]:
    """How many cases of a tab stand where each of *statuses* (filter values) says, counted up to COUNT_LIMIT each.

    One statement.
    """
    counted = [
        _capped(scope(ctx.actor, Case).where(in_tab(ctx, tab), standing(status.split(",")))).scalar_subquery()
        for status in statuses
    ]
    return dict(zip(statuses, ctx.session.execute(select(*counted)).one(), strict=True))


def waiting_for_me(ctx: Context) -> int:
    """How many of the person's own cases wait for their answer, up to COUNT_LIMIT."""
    mine = scope(ctx.actor, Case).where(in_tab(ctx, "my"), Case.state == State.WAITING.value)
    return ctx.session.scalar(_capped(mine)) or 0


def home_cases(ctx: Context, limit: int = 5) -> Sequence[Case]:
    """What the home page shows: waiting for you, then to accept, then the rest by update; nothing closed."""
    rank = {State.WAITING.value: 0, State.RESOLVED.value: 1}
    rows = ctx.session.scalars(
        scope(ctx.actor, Case)
        .where(in_tab(ctx, "my"), Case.state != State.CLOSED.value)
        .options(*shown_in_lists())
        .order_by(Case.updated_at.desc())
        .limit(50)
    ).unique()
    return sorted(rows, key=lambda case: rank.get(case.state, 2))[:limit]


def alike_shared(ctx: Context, words: str, limit: int = 3) -> Sequence[Case]:
    """Open cases that others shared and that sound like *words*: "already reported". Private ones never appear."""
    return (
        ctx.session.scalars(
            scope(ctx.actor, Case)
            .where(
                Case.visibility == "shared",
                Case.state.not_in((State.RESOLVED.value, State.CLOSED.value)),
                matching(ctx, words, every=False),
            )
            .options(*shown_in_lists())
            .order_by(Case.updated_at.desc())
            .limit(limit)
        )
        .unique()
        .all()
    )


def open_cases_of(ctx: Context, contact_user_id: uuid.UUID, limit: int = 5) -> Sequence[Case]:
    """Unresolved cases of a person that the actor may see: before opening another one for them."""
    return (
        ctx.session.scalars(
            scope(ctx.actor, Case)
            .where(
                Case.contact_user_id == contact_user_id,
                Case.state.not_in((State.RESOLVED.value, State.CLOSED.value)),
            )
            .options(*shown_in_lists())
            .order_by(Case.updated_at.desc())
            .limit(limit)
        )
        .unique()
        .all()
    )
