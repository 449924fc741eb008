"""What still refers to a configured row: read from the foreign keys of the database's own description."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Select, Table, func, select, tuple_
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.kernel.context import Context
from portal.kernel.database import Base
from portal.kernel.events import Event
from portal.tenants.models import Contact, Organization, StaffMember

# Counting stops here: the sentence says how much there is, not how much exactly.
MOST = 1000


def count_references(ctx: Context, row: Base, parts: Sequence[str]) -> dict[str, int]:
    """The number of rows of each table that refers to *row* or to its *parts* (tables whose rows belong to it and go
    with it); only tables with some. One statement."""
    found: dict[str, list[Select[Any]]] = {}
    for table, rows in _owned_rows(row, parts):
        for child, key in _references(table):
            if child.name not in parts:
                found.setdefault(child.name, []).append(_referring(child, key, rows))
    if not found:
        return {}
    counted = [
        select(func.count()).select_from(one.limit(MOST).subquery()).scalar_subquery().label(f"{name}_{number}")
        for name, statements in found.items()
        for number, one in enumerate(statements)
    ]
    names = [name for name, statements in found.items() for _one in statements]
    totals: dict[str, int] = {}
    for name, number in zip(names, ctx.session.execute(select(*counted)).one(), strict=True):
        # A case refers to an account and to its environment: it is one case.
        totals[name] = max(totals.get(name, 0), number)
    return {name: number for name, number in totals.items() if number}


def count_cases_with_steps_of(ctx: Context, contact: Contact) -> int:
    """The number of cases of the organization in which the person of *contact* did something, as its member or not."""
    cases = select(Event.case_id).where(
        Event.provider_id == ctx.provider.id,
        Event.organization_id == contact.organization_id,
        Event.actor_user_id == contact.user_id,
        Event.case_id.is_not(None),
    )
    return ctx.session.scalar(select(func.count()).select_from(cases.distinct().limit(MOST).subquery())) or 0


def some_contacts(ctx: Context, organization: Organization, limit: int) -> Sequence[Contact]:
    """At most *limit* people of *organization*, former ones too, with user."""
    rows = scope(ctx.actor, Contact).where(Contact.organization_id == organization.id)
    rows = rows.order_by(Contact.id).limit(limit).options(joinedload(Contact.user))
    return ctx.session.scalars(rows).all()


def belongs_elsewhere(ctx: Context, contact: Contact) -> bool:
    """Whether the person of *contact* is, or was, also support or a contact of another organization."""
    others = scope(ctx.actor, Contact).where(Contact.user_id == contact.user_id, Contact.id != contact.id)
    staff = scope(ctx.actor, StaffMember).where(StaffMember.user_id == contact.user_id)
    return bool(ctx.session.scalar(select(others.exists() | staff.exists())))


def rows_of_parts(row: Base, parts: Sequence[str]) -> list[tuple[Table, Any]]:
    """(table, condition) for the *parts* of *row*, in an order in which they can be deleted, the row itself last."""
    return [(table, _is_owned(table, rows)) for table, rows in reversed(list(_owned_rows(row, parts)))]


def _owned_rows(row: Base, parts: Sequence[str]) -> Iterator[tuple[Table, Select[Any]]]:
    """The table of *row* and those of its parts, a parent before what refers to it, each with a select of its rows."""
    table: Table = row.__table__  # type: ignore[assignment]
    owned = {table.name: select(table).where(table.c.id == row.id)}  # type: ignore[attr-defined]
    yield table, owned[table.name]
    waiting = [table]
    while waiting:
        parent = waiting.pop(0)
        for child, key in _references(parent):
            if child.name in parts and child.name not in owned:
                owned[child.name] = _referring(child, key, owned[parent.name])
                yield child, owned[child.name]
                waiting.append(child)


def _references(table: Table) -> list[tuple[Table, ForeignKeyConstraint]]:
    return [
        (child, key)
        for child in Base.metadata.sorted_tables
        for key in sorted(child.foreign_key_constraints, key=lambda one: str(one.name))
        if key.referred_table is table and child is not table
    ]


def _referring(child: Table, key: ForeignKeyConstraint, rows: Select[Any]) -> Select[Any]:
    """The rows of *child* that refer to *rows* by *key*."""
    inside = rows.subquery()
    own = [element.parent for element in key.elements]
    theirs = [inside.c[element.column.name] for element in key.elements]
    return select(child).where(tuple_(*own).in_(select(*theirs)))


def _is_owned(table: Table, rows: Select[Any]) -> Any:
    inside = rows.subquery()
    keys = list(table.primary_key.columns)
    return tuple_(*keys).in_(select(*(inside.c[key.name] for key in keys)))
