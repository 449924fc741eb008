"""Contexts for calling actions directly, as a person of the test data, without a browser."""

import contextvars
import datetime as dt
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest import mock

from flask import Flask
from sqlalchemy import Engine, event, inspect, select, tuple_
from sqlalchemy.orm import InstanceState, joinedload, scoped_session

from portal.drafts import actions as drafts
from portal.identity import actions as identity
from portal.identity.factor_models import Passkey, TrustedDevice
from portal.identity.models import User
from portal.kernel import clock, ids, jobs
from portal.kernel.actor import Side, system
from portal.kernel.context import Context
from portal.kernel.database import AnySession, Base, Tenancy, bind, db
from portal.notifications.models import PushDevice
from portal.registrations.models import Registration
from portal.scim.models import ScimGroupRole
from portal.sso.models import LinkedSignIn, OrganizationDomain, SignInWay
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


def leave_draft(provider_world: ProviderWorld, somebody: WorldPerson, *, staff: bool) -> uuid.UUID:
    """The draft of a new case by *somebody*, on the desk or on the portal; returns its id."""
    ctx = context_of(provider_world, somebody, Side.STAFF if staff else Side.CONTACT)
    path = "/desk/new" if staff else f"/new/{next(iter(provider_world.types))}"
    return drafts.save_draft(ctx, path, {"subject": ["The list stays empty"]}, version=None).id


def leave_trust(provider_world: ProviderWorld, somebody: WorldPerson) -> uuid.UUID:
    """A browser that *somebody* trusts; its id."""
    bind(db.session, Tenancy(provider_world.id, side=Side.SYSTEM))
    now = clock.now()
    row = TrustedDevice(
        provider_id=provider_world.id,
        user_id=somebody.id,
        nonce_hash=ids.new_id().bytes,
        created_at=now,
        expires_at=now + dt.timedelta(days=30),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def leave_push_device(provider_world: ProviderWorld, somebody: WorldPerson) -> uuid.UUID:
    """A device of *somebody* to which notifications would be pushed, though it is not signed in; its id."""
    bind(db.session, Tenancy(provider_world.id, side=Side.SYSTEM))
    now = clock.now()
    row = PushDevice(
        provider_id=provider_world.id,
        user_id=somebody.id,
        session_id=ids.new_id(),
        endpoint=f"https://push.example/{ids.new_id()}",
        p256dh="key",
        auth="secret",
        created_at=now,
        seen_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def leave_passkey(provider_world: ProviderWorld, somebody: WorldPerson) -> uuid.UUID:
    """A passkey of *somebody*, beside one more; returns its id."""
    ctx = system_context_at(provider_world)
    rows = [
        Passkey(
            provider_id=provider_world.id,
            user_id=somebody.id,
            name=name,
            host=provider_world.host,
            credential_id=ids.new_id().bytes,
            public_key=b"no key",
            created_at=ctx.now,
        )
        for name in ("Work laptop", "Phone")
    ]
    ctx.session.add_all(rows)
    ctx.session.flush()
    return rows[0].id


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
    # The rows stay as they were read: `reload_held_rows` reads them anew where something changed.
    real = session() if isinstance(session, scoped_session) else session
    with mock.patch.object(real, "expire_on_commit", False):
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


class Changes:
    """Whether a statement that may change rows was sent since `forget`."""

    seen = False

    @classmethod
    def forget(cls) -> None:
        cls.seen = False

    @classmethod
    def note(cls, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(_CHANGES_NOTHING) or (statement.startswith("WITH") and _CHANGES.search(statement)):
            cls.seen = True


_CHANGES_NOTHING = ("SELECT", "WITH", "SAVEPOINT", "RELEASE", "ROLLBACK")
_CHANGES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b")
event.listen(Engine, "before_cursor_execute", Changes.note)


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


# Nobody listens there, so that a press leads nowhere at once.
NO_ISSUER = "http://127.0.0.1:9/no-issuer"


def add_way(provider_id: Any, organization_id: Any, name: str) -> SignInWay:
    """A way to sign in that is on, with a domain; the session is bound to its provider."""
    now = clock.now()
    values = {"provider_id": provider_id, "organization_id": organization_id, "created_at": now}
    way = SignInWay(**values, name=name, label=name.capitalize(), issuer=NO_ISSUER, client_id="parley", enabled=True)
    db.session.add_all([way, OrganizationDomain(**values, value=f"{name}.example")])
    db.session.flush()
    return way


def add_newcomer(provider_id: Any, name: str = "Nina Newcomer") -> User:
    """A person without a place anywhere; the session is bound to their provider."""
    row = User(provider_id=provider_id, name=name, name_folded=name.casefold(), created_at=clock.now())
    db.session.add(row)
    db.session.flush()
    return row


def register(provider_id: Any, user_id: Any, organization_id: Any = None) -> Registration:
    """Somebody who registered and waits; the session is bound to their provider."""
    row = Registration(
        provider_id=provider_id, user_id=user_id, organization_id=organization_id, state="waiting", asked_at=clock.now()
    )
    db.session.add(row)
    db.session.flush()
    return row


def give_group_role(provider_id: Any, account: Any) -> ScimGroupRole:
    """A role that a group of the identity provider of the account's organization gives; the session is bound to their
    provider."""
    place = {"provider_id": provider_id, "organization_id": account.organization_id, "account_id": account.id}
    row = ScimGroupRole(
        **place,
        group=f"Leads {account.key}",
        group_folded=f"leads {account.key}",
        role="member",
        created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def link_sign_in(provider_id: Any, user_id: Any, name: str, *, waiting: bool = False) -> LinkedSignIn:
    """A sign-in of somebody at the way *name*; *waiting*: an administrator must decide whose it is."""
    way = db.session.query(SignInWay).filter(SignInWay.provider_id == provider_id, SignInWay.name == name).one()
    row = LinkedSignIn(
        provider_id=provider_id,
        user_id=user_id,
        way_id=way.id,
        issuer=NO_ISSUER,
        subject=f"{user_id} {waiting}",
        email="somebody@elsewhere.example",
        linked_at=clock.now(),
        waiting=waiting,
        sids=[],
    )
    db.session.add(row)
    db.session.flush()
    return row
