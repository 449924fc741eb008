"""Parley in this process, on bulk data: the statements of a page, and the parts of its time."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from bench.world_builder import HOST
from portal.config import Config
from portal.factory import create_app
from portal.identity import actions as identity
from portal.identity.queries import user_by_email
from portal.kernel import clock, uow
from portal.kernel.actor import system
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, db
from portal.tenants.models import Provider

URL = f"http://{HOST}"


def application(app_url: str, files: Path) -> Flask:
    """The portal as the application role, without a Redis."""
    return create_app(
        Config(
            database_url=app_url,
            redis_url="",
            secret_key="a key for measurements only",
            storage_url=f"file://{files}",
            log_level="WARNING",
            pool_size=2,
            argon2_memory_kib=1024,
            argon2_rounds=1,
        )
    )


def browser(app: Flask, owner_url: str, email: str) -> FlaskClient:
    """A test client that is signed in as *email*, without a password."""
    with psycopg.connect(owner_url) as connection:
        row = connection.execute("SELECT provider_id FROM hosts WHERE host = %s", [HOST]).fetchone()
    assert row is not None
    with app.app_context():
        ctx = Context(system(row[0]), clock.now(), db.session, channel="system")
        bind(db.session, Tenancy.of(ctx.actor))
        ctx.provider = db.session.get(Provider, row[0])
        with uow.unit_of_work(db.session):
            person = user_by_email(ctx, email)
            assert person is not None, email
            token = identity.start_session(ctx, person)
    client = app.test_client()
    with client.session_transaction(base_url=URL) as cookie:
        cookie["_user_id"] = token
    return client


@dataclass(frozen=True, slots=True)
class SentStatement:
    """One statement of a page."""

    text: str
    parameters: Any
    seconds: float


@contextmanager
def collect_statements() -> Iterator[list[SentStatement]]:
    """Collect the statements that are sent inside the block."""
    seen: list[SentStatement] = []

    def before(connection: Any, *_rest: Any) -> None:
        connection.info["bench_began"] = time.perf_counter()

    def after(connection: Any, _cursor: Any, text: str, parameters: Any, *_rest: Any) -> None:
        seen.append(SentStatement(text, parameters, time.perf_counter() - connection.info["bench_began"]))

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "after_cursor_execute", after)


def page_statements(client: FlaskClient, path: str) -> list[SentStatement]:
    """The statements of a page when it is opened a second time."""
    for _ in range(2):
        with collect_statements() as seen:
            answer = client.get(path, base_url=URL)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return seen


@dataclass(frozen=True, slots=True)
class TimeShares:
    """The parts of a page's time in milliseconds: medians of many visits."""

    total: float
    sql: float
    template: float
    statements: int
    size: int

    @property
    def rest(self) -> float:
        """Routing, session, scopes, forms, middleware, building objects."""
        return self.total - self.sql - self.template


def measure_shares(client: FlaskClient, path: str, visits: int = 25) -> TimeShares:
    """Open *path* *visits* times and measure the parts of its time."""
    totals, sqls, templates = [], [], []
    size = 0
    with collect_statements() as seen, _drawing() as drawn:
        for n in range(visits + 8):
            seen.clear()
            drawn.clear()
            began = time.perf_counter()
            answer = client.get(path, base_url=URL)
            total = time.perf_counter() - began
            if n < 8:
                continue
            size = len(answer.data)
            totals.append(total)
            sqls.append(sum(asked.seconds for asked in seen))
            templates.append(sum(drawn))
    total, sql, template = (statistics.median(values) * 1000 for values in (totals, sqls, templates))
    return TimeShares(total, sql, template, statements=len(seen), size=size)


@contextmanager
def _drawing() -> Iterator[list[float]]:
    """Collect the seconds spent in drawing templates, without the statements for the numbers of the frame."""
    spent: list[float] = []
    usual: Callable[..., str] = jinja2.Template.render
    depth = [0]

    def render(self: jinja2.Template, *values: Any, **more: Any) -> str:
        depth[0] += 1
        began = time.perf_counter()
        with collect_statements() as asked:
            try:
                return usual(self, *values, **more)
            finally:
                depth[0] -= 1
                if depth[0] == 0:
                    spent.append(time.perf_counter() - began - sum(one.seconds for one in asked))

    jinja2.Template.render = render  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        jinja2.Template.render = usual  # type: ignore[method-assign]
