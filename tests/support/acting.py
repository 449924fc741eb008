"""Contexts for calling actions directly, as a person of the test data, without a browser."""

import contextvars
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest import mock

from flask import Flask
from sqlalchemy import Engine, event, inspect, select, tuple_
from sqlalchemy.orm import InstanceState, joinedload

from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel import clock, jobs
from portal.kernel.actor import Side, system
from portal.kernel.context import Context
from portal.kernel.database import AnySession, Base, Tenancy, bind, db
from portal.tenants.actions import import_drafts
from portal.tenants.models import Provider
from portal.tenants.queries import actors
from tests.support.provider_world import ProviderWorld, WorldPerson

T = TypeVar("T")


class Acting(Context):
    """A context whose every use of the database is bound to its actor first, so that row-level security is in force."""

    @property
    def session(self) -> AnySession:  # type: ignore[override]
        bind(self._session, Tenancy.of(self.actor))
        return self._session

    @session.setter
    def session(self, value: AnySession) -> None:
        self._session = value


def system_context_at(provider_world: ProviderWorld) -> Acting:
    """The system at the provider of *provider_world*."""
    ctx = Acting(system(provider_world.id), clock.now(), db.session, channel="system")
    ctx.provider = ctx.session.get(Provider, provider_world.id)
    return ctx


def context_of(provider_world: ProviderWorld, somebody: WorldPerson, side: Side | None = None) -> Acting:
    """*somebody* on *side* (their usual one), as at the start of a request."""
    ctx = system_context_at(provider_world)
    ctx.person = ctx.session.get(User, somebody.id)
    ctx.actor = actors.build_actor(ctx, ctx.person, side or somebody.side)
    ctx.channel = "portal"
    return ctx


def leave_unsent(provider_world: ProviderWorld, somebody: WorldPerson) -> uuid.UUID:
    """A form of somebody's that came after their session had ended; returns its id."""
    fields = {"name": ["A new name"], "phone": ["+44 20 7946 0000"]}
    form_id = identity.keep_unsent_form(system_context_at(provider_world), somebody.id, "/me", fields)
    assert form_id is not None
    return form_id


def leave_import(provider_world: ProviderWorld, somebody: WorldPerson) -> uuid.UUID:
    """A file of people that *somebody* uploaded and has not imported; returns its id."""
    ctx = context_of(provider_world, somebody)
    rows = [(2, ["Quarry", "QUARRY", "Quinn", "quinn@quarry.example"]), (3, ["Quarry", "", "Bad", "no address"])]
    headings = ["Organization", "Account key", "Name", "Email"]
    return import_drafts.store_draft(ctx, name="people.csv", encoding="utf-8", headings=headings, rows=rows).id


def sign_in(provider_world: ProviderWorld, somebody: WorldPerson) -> str:
    """A browser session for *somebody*, without a password; returns the cookie's token."""
    ctx = system_context_at(provider_world)
    person = ctx.session.get(User, somebody.id)
    assert person is not None
    return identity.start_session(ctx, person)


def run_in_new_context(app: Flask, work: Callable[[], T]) -> T:
    """Do *work* in an application context of its own, as a worker process would."""

    def inside() -> T:
        with app.app_context():
            return work()

    return contextvars.Context().run(inside)


def work_due(app: Flask) -> int:
    """Do all work that is due now, and what becomes due by it; a failing piece fails the test."""

    def failed(_piece: Any, problem: Exception, *_rest: Any) -> None:
        raise problem

    done = 0
    with mock.patch.object(jobs, "_postpone", failed):
        while worked := run_in_new_context(app, jobs.work_due):
            done += worked
    return done


# -- what the test holds in its hands ---------------------------------------------------------------------------------

Held = Mapping[tuple[type, Any, frozenset[str]], list[Any]]


def store_held_rows(session: AnySession) -> Held:
    """Store the test's own changes where a request can see them; remembers which rows the test holds."""
    held: dict[tuple[type, Any, frozenset[str]], list[Any]] = {}
    for row in list(session.identity_map.values()):
        state: InstanceState[Any] = inspect(row)
        loaded = {r.key for r in state.mapper.relationships if r.lazy == "raise_on_sql" and r.key in state.dict}
        if state.identity is None or state.key is None:
            continue
        provider = row.id if isinstance(row, Provider) else state.dict.get("provider_id")
        held.setdefault((type(row), provider, frozenset(loaded)), []).append(row)
    session.commit()
    return held


def reload_held_rows(session: AnySession, held: Held, home: Tenancy) -> None:
    """Read the rows that the test holds anew, with the relations that were loaded on them."""
    for (model, provider, loaded), rows in held.items():
        bind(session, Tenancy(provider, side=Side.SYSTEM))
        key = inspect(model).primary_key
        wanted = [inspect(row).identity for row in rows]
        these = tuple_(*key).in_(wanted) if len(key) > 1 else key[0].in_([value for (value,) in wanted])
        statement = select(model).where(these)
        options = [joinedload(getattr(model, name)) for name in loaded]
        session.scalars(statement.options(*options).execution_options(populate_existing=True)).unique().all()
    bind(session, home)


class Statements(list[str]):
    """The SQL that ran, without savepoints and without what the test harness itself asks."""

    paused = False


@contextmanager
def count_statements() -> Iterator[Statements]:
    """Collect the statements of what happens inside."""
    seen = Statements()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not Statements.paused and not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def bound_columns(statement: str, columns: Collection[str]) -> set[str]:
    """Those of *columns* (`table.column`) that *statement* compares with a parameter."""
    return {
        column
        for column in columns
        if re.search(rf"\b{re.escape(column)} (=|!=|<>|<=?|>=?|IN|NOT IN|= ANY) ?\(*%\(", statement)
    }


@contextmanager
def pause_count() -> Iterator[None]:
    """What the harness does for itself."""
    before, Statements.paused = Statements.paused, True
    try:
        yield
    finally:
        Statements.paused = before


def rows_of(model: type[Base], session: AnySession) -> list[Any]:
    """The rows of *model* that the session may see."""
    return list(session.scalars(select(model)))


def run_outbox(world: Any) -> int:
    """Do everything that is due (deliveries, timers) as the worker would; returns how many pieces."""
    with pause_count():
        held = store_held_rows(db.session)
    try:
        return work_due(world.app)
    finally:
        with pause_count():
            reload_held_rows(db.session, held, world.home)
