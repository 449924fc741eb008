"""The connection pool to PostgreSQL: few connections with prepared statements, checked only after they were idle."""

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine, event, exc

# A repeated statement is planned once for the connection, not once for each request: with row-level policies on
# every table, planning a page's statements costs ten times as much as running them. Statements are written for this:
# the conditions of a partial index are part of the text (see cases/queries/lists.py), the rest are parameters.
# Most pages are read from memory, where a random read costs little more than a sequential one.
SERVER_SETTINGS = "-c plan_cache_mode=force_generic_plan -c random_page_cost=1.1"
PREPARE_AFTER = 2
PREPARED_MOST = 400
# A connection that was used a moment ago counts as alive.
TRUSTED_SECONDS = 2.0


def build_engine_options(pool_size: int) -> dict[str, Any]:
    """The options that Flask-SQLAlchemy passes to `create_engine`."""
    return {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 10,
        # The connection that was used last has its plans prepared.
        "pool_use_lifo": True,
        "connect_args": {
            "options": SERVER_SETTINGS,
            "prepare_threshold": PREPARE_AFTER,
            "cursor_factory": LazyCursor,
        },
    }


class LazyCursor(psycopg.Cursor[Any]):
    """A cursor that describes its columns when it is asked to."""

    @property
    def description(self) -> Any:
        """The description as psycopg returns it, built at its first use. SQLAlchemy has the columns of a statement from
        its first execution, and then only needs to know whether there are any."""
        result = self.pgresult
        return LazyDescription(self) if result is not None and result.nfields else super().description


class LazyDescription(Sequence[Any]):
    """The columns of a result."""

    def __init__(self, cursor: LazyCursor) -> None:
        self._cursor = cursor
        self._columns: Any = None

    def _all(self) -> Any:
        if self._columns is None:
            self._columns = super(LazyCursor, self._cursor).description
        return self._columns

    def __len__(self) -> int:
        return len(self._all())

    def __getitem__(self, at: Any) -> Any:
        return self._all()[at]


def keep_prepared_statements(engine: Engine) -> None:
    """Roll back and keep the prepared statements of psycopg, because every GET ends with a rollback.

    psycopg discards them because the transaction may have changed a table; the application changes none.
    """
    usual = engine.dialect.do_rollback

    def rollback(connection: Any) -> None:
        server = getattr(connection, "driver_connection", connection).pgconn
        if server.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            server.exec_(b"ROLLBACK")
        if server.transaction_status != TransactionStatus.IDLE:
            usual(connection)

    engine.dialect.do_rollback = rollback  # type: ignore[method-assign,assignment]
    engine.dialect.do_rollback_to_savepoint = _rollback_to_savepoint  # type: ignore[method-assign]


def _rollback_to_savepoint(connection: Connection, name: str) -> None:
    """Send it past psycopg, which would discard here too; an error of the server is raised as psycopg raises it."""
    driver: Any = connection.connection.driver_connection
    result = driver.pgconn.exec_(f'ROLLBACK TO SAVEPOINT "{name}"'.encode())
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result)


def check_rested_connections(engine: Engine) -> None:
    """Check an idle connection before it is used. A dead one is replaced, and so are others of the same age."""

    @event.listens_for(engine, "connect")
    def begin(connection: Any, record: Any) -> None:
        connection.prepared_max = PREPARED_MOST
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkin")
    def rest(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", 0.0) < TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as problem:
            # The pool tries again with a new connection; it gives up after three.
            raise exc.DisconnectionError from problem
