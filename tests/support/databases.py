"""One template database a test session: migrated as the owner, the world loaded once; every worker has a copy."""

import datetime as dt
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from engines.testing import Engines
from portal.config import Config
from portal.demo import cli as demo
from portal.demo.northwind import NORTHWIND
from portal.factory import create_app
from portal.kernel import clock, jobs, storage
from portal.kernel.database import db
from portal.web import current
from tests.support.second_provider import SOUTHGATE

TEMPLATE = "world"
_LOCK = 4711


class ProcessBytecodeCache(BytecodeCache):
    """Templates compiled once a process, however many applications its tests make."""

    kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.load_bytecode(io.BytesIO(self.kept[bucket.key]))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


def make_application(settings: Config) -> Flask:
    """An application under test."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = ProcessBytecodeCache()
    made.testing = True
    return made


def make_config(engines: Engines, database: str, *, redis: int, files: Path) -> Config:
    """Settings of an application under test: the application's own role, cheap password hashes, a Redis of its own."""
    return Config(
        database_url=engines.url(database),
        database_owner_url=engines.url(database, "parley_owner"),
        redis_url=engines.redis_url(redis),
        secret_key="a key for tests only",
        storage_url=f"file://{files}",
        argon2_memory_kib=1024,
        argon2_rounds=1,
        pool_size=3,
        log_level="WARNING",
    )


def copy_world(engines: Engines, name: str, files: Path) -> None:
    """A fresh copy of the world as database *name*; the first caller of the session builds the template."""
    with _one_at_a_time(engines) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is None:
            engines.create_database(f"{TEMPLATE}_unfinished")
            build_world(engines, f"{TEMPLATE}_unfinished", files)
            connection.execute(f"ALTER DATABASE {TEMPLATE}_unfinished RENAME TO {TEMPLATE}")
        engines.create_database(name, TEMPLATE)


def build_world(engines: Engines, name: str, files: Path) -> None:
    """Migrate database *name*, load Northwind and Southgate: people and configuration; tests bring their cases."""
    app = make_application(make_config(engines, name, redis=63, files=files))
    with app.app_context():
        migrate(app, engines.url(name, "parley_owner"))
        for plan in (NORTHWIND, SOUTHGATE):
            demo.load_provider(plan)
        db.session.remove()
        db.engine.dispose()


def configure_globals(app: Flask) -> None:
    """Let the globals of the process (storage, Redis) belong to *app*, after another application was made."""
    settings: Config = app.config["PARLEY"]
    storage.open_storage(settings.files_url())
    jobs.connect_redis(settings.redis_url)


@contextmanager
def rolled_back(app: Flask) -> Iterator[None]:
    """Inside, every session works in one outer transaction by savepoints, which is rolled back at the end; the clock is
    reset."""
    configure_globals(app)
    with app.app_context():
        connection = db.engine.connect()
    outer = connection.begin()
    jobs.redis().flushdb()
    try:
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(db.session.session_factory.class_, "get_bind", lambda *_a, **_k: connection)
            db.session.session_factory.configure(join_transaction_mode="create_savepoint")
            with app.app_context():
                try:
                    yield
                finally:
                    db.session.remove()
    finally:
        outer.rollback()
        connection.close()
        clock.travel(dt.timedelta(0))
        current.clear_host_cache()


def migrate(app: Flask, owner_url: str, revision: str = "head") -> None:
    """Run the migrations as the owner of the tables."""
    with set_environment(DATABASE_OWNER_URL=owner_url), app.app_context():
        flask_migrate.upgrade(revision=revision)


@contextmanager
def set_environment(**values: str) -> Iterator[None]:
    """The process environment with *values*, for as long as it lasts."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _one_at_a_time(engines: Engines) -> "Iterator[psycopg.Connection[tuple[object, ...]]]":
    """A lock between the workers of one session; a worker that ends releases it."""
    with psycopg.connect(engines.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield connection
