"""Rows of case lists, read as plain columns in one statement. No entity is loaded.

The statement selects the page first and joins names afterwards, so that only the shown rows are joined.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVarTuple

from sqlalchemy import Select, UnaryExpression, literal_column, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import operators

from portal.cases.models import Case, RequestType
from portal.cases.states import is_unresolved
from portal.identity.models import User, initials_of
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.paging import DEEPEST, Page, page_number, page_size
from portal.kernel.statement_cache import NOW, fetch_rows
from portal.tenants.models import Account, Department, Environment, StaffMember

Ts = TypeVarTuple("Ts")
# Cases to list, which start at a scope, and the columns that order them.
OrderedCases = tuple[Select[Any], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class NamedRef:
    """A person or place in a list: id and name, for accounts and departments also the key."""

    id: uuid.UUID
    name: str
    key: str = ""

    @property
    def initials(self) -> str:
        return initials_of(self.name)


@dataclass(frozen=True, slots=True)
class OwnerRef:
    """The owner of a case in a list."""

    id: uuid.UUID
    user: NamedRef


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list. Its attributes are named as those of `Case`, so that templates and labels accept both."""

    id: uuid.UUID
    organization_id: uuid.UUID
    account_id: uuid.UUID
    number: int
    state: str
    visibility: str
    severity: int
    tier: int
    subject: str
    opened_at: dt.datetime
    updated_at: dt.datetime
    first_answer_at: dt.datetime | None
    auto_close_at: dt.datetime | None
    last_word: str
    reopened_count: int
    approval: str
    account: NamedRef
    environment: NamedRef | None
    department: NamedRef | None
    reported_by: NamedRef
    contact_user: NamedRef
    owner: OwnerRef | None
    # The name of the request type, '' for none.
    type_name: str = ""

    @property
    def key(self) -> str:
        return f"{self.account.key}-{self.number}"

    @property
    def on_behalf(self) -> bool:
        return self.reported_by.id != self.contact_user.id

    @property
    def is_private(self) -> bool:
        return self.visibility == "private"

    @property
    def unresolved(self) -> bool:
        return is_unresolved(self.state)

    @property
    def owner_id(self) -> uuid.UUID | None:
        return self.owner.id if self.owner else None


CASE_COLUMNS = (
    *(Case.id, Case.organization_id, Case.account_id, Case.number, Case.state, Case.visibility, Case.severity),
    *(Case.tier, Case.subject, Case.opened_at, Case.updated_at, Case.first_answer_at, Case.auto_close_at),
    *(Case.last_word, Case.reopened_count, Case.approval),
)
REFERENCE_COLUMNS = (
    *(Case.environment_id, Case.department_id, Case.owner_id, Case.reported_by_id, Case.contact_user_id),
    Case.request_type_id,
)
_CASE_COLUMN_COUNT = len(CASE_COLUMNS)
_DIRECTIONS: dict[Any, str] = {
    operators.desc_op: "desc",
    operators.asc_op: "asc",
    operators.nulls_first_op: "nulls_first",
    operators.nulls_last_op: "nulls_last",
}


def fetch_case_rows(
    ctx: Context, rows: Select[Any], order: Iterable[Any], limit: int, offset: int = 0
) -> list[CaseRow]:
    """At most *limit* cases of *rows*, a select of cases that starts at a scope, in *order*. One statement."""
    statement = _statement(rows, tuple(order), limit, offset)
    return [_to_case_row(row) for row in ctx.session.execute(statement, {NOW.key: ctx.now})]


def fetch_cached_case_rows(
    ctx: Context,
    build: Callable[[Actor, *Ts], OrderedCases],
    *arguments: *Ts,
    limit: int,
    offset: int = 0,
    values: Mapping[str, Any] = MappingProxyType({}),
) -> list[CaseRow]:
    """At most *limit* cases of `build(actor, *arguments)`. One statement, cached as by `statement_cache.fetch_rows`.

    *values* are the parameters of the statement.
    """
    found = fetch_rows(ctx, _build_statement, build, arguments, limit, offset, **values)
    return [_to_case_row(row) for row in found]


def fetch_page(ctx: Context, rows: Select[Any], order: Iterable[Any], number: int, size: int) -> Page[CaseRow]:
    """Page *number* of *rows*, read as by `fetch_case_rows`."""
    number, size = page_number(number), page_size(size)
    return _cut_page(fetch_case_rows(ctx, rows, order, size + 1, (number - 1) * size), number, size)


def fetch_cached_page(
    ctx: Context,
    build: Callable[[Actor, *Ts], OrderedCases],
    *arguments: *Ts,
    number: int,
    size: int,
    values: Mapping[str, Any] = MappingProxyType({}),
) -> Page[CaseRow]:
    """Page *number* of `build(actor, *arguments)`, read as by `fetch_cached_case_rows`."""
    number, size = page_number(number), page_size(size)
    offset = (number - 1) * size
    found = fetch_cached_case_rows(ctx, build, *arguments, limit=size + 1, offset=offset, values=values)
    return _cut_page(found, number, size)


def _cut_page(found: list[CaseRow], number: int, size: int) -> Page[CaseRow]:
    """A page of *found*, which has one row more than the page if another page follows."""
    return Page(found[:size], number, size, len(found) > size and number < DEEPEST)


def _build_statement(
    actor: Actor, build: Callable[..., OrderedCases], arguments: tuple[Any, ...], limit: int, offset: int
) -> Select[Any]:
    rows, order = build(actor, *arguments)
    return _statement(rows, order, limit, offset)


def _statement(rows: Select[Any], order: Sequence[Any], limit: int, offset: int) -> Select[Any]:
    keys = [_without_direction(key).label(f"k{n}") for n, key in enumerate(order)]
    # The limit is a literal: a generic plan would assume a tenth of all rows.
    picked = rows.with_only_columns(*CASE_COLUMNS, *REFERENCE_COLUMNS, *keys).order_by(*order)
    picked = picked.limit(literal_column(str(int(limit))))
    if offset:
        picked = picked.offset(literal_column(str(int(offset))))
    c = picked.subquery("c").c
    reporter, contact, agent = (aliased(User, name=name) for name in ("reporter", "contact", "agent"))
    sorted_by = [_order_like(key, c[label.name]) for key, label in zip(order, keys, strict=True)]
    return (
        select(
            *(c[column.key] for column in CASE_COLUMNS),
            *(Account.key, Account.name, c.environment_id, Environment.name, c.department_id, Department.name),
            *(Department.key, c.reported_by_id, reporter.name, c.contact_user_id, contact.name),
            *(c.owner_id, agent.id, agent.name, RequestType.name),
        )
        .join(Account, Account.id == c.account_id)
        .join(reporter, reporter.id == c.reported_by_id)
        .join(contact, contact.id == c.contact_user_id)
        .outerjoin(Environment, Environment.id == c.environment_id)
        .outerjoin(Department, Department.id == c.department_id)
        .outerjoin(RequestType, RequestType.id == c.request_type_id)
        .outerjoin(StaffMember, StaffMember.id == c.owner_id)
        .outerjoin(agent, agent.id == StaffMember.user_id)
        .order_by(*sorted_by)
    )


def _without_direction(key: Any) -> Any:
    """The sort column without its direction."""
    return _without_direction(key.element) if isinstance(key, UnaryExpression) and key.modifier in _DIRECTIONS else key


def _order_like(key: Any, column: Any) -> Any:
    """*column* with the direction of *key*."""
    if isinstance(key, UnaryExpression) and key.modifier in _DIRECTIONS:
        return getattr(_order_like(key.element, column), _DIRECTIONS[key.modifier])()
    return column


def _to_case_row(row: Any) -> CaseRow:
    own, names = row[:_CASE_COLUMN_COUNT], row[_CASE_COLUMN_COUNT:]
    key, name, env_id, env, dep_id, dep, dep_key, reporter_id, reporter, contact_id, contact = names[:11]
    owner_id, user_id, user, type_name = names[11:]
    return CaseRow(
        *own,  # type: ignore[call-arg] # as many as CASE_COLUMNS
        NamedRef(own[2], name, key),
        NamedRef(env_id, env) if env else None,
        NamedRef(dep_id, dep, dep_key) if dep else None,
        NamedRef(reporter_id, reporter),
        NamedRef(contact_id, contact),
        OwnerRef(owner_id, NamedRef(user_id, user)) if user else None,
        type_name or "",
    )
