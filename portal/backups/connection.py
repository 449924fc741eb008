"""A connection as the owner of the tables, with a sentence for whatever keeps it from coming about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from portal.backups import BackupError
from portal.backups.programs import connection_string

OLDEST_SERVER = 15


@contextmanager
def connect(url: str, name: str) -> "Iterator[psycopg.Connection[Any]]":
    """A connection to *url*, which the setting *name* gave; it commits by itself, and closes at the end."""
    if not url:
        raise BackupError(f"{name} is not set. Backup and restore work as the owner of the tables.")
    try:
        connection = psycopg.connect(connection_string(url), autocommit=True, connect_timeout=10)
    except psycopg.Error as problem:
        raise BackupError(f"{name} leads to no database: {str(problem).strip()}") from None
    with connection:
        if major(connection) < OLDEST_SERVER:
            raise BackupError(f"This is PostgreSQL {major(connection)}; Parley needs {OLDEST_SERVER} or newer.")
        yield connection


def major(connection: "psycopg.Connection[Any]") -> int:
    """The major version of the server."""
    return connection.info.server_version // 10000


def value(connection: "psycopg.Connection[Any]", query: Any, parameters: Any = None) -> Any:
    """The first column of the first row; None where there is no row."""
    row = connection.execute(query, parameters).fetchone()
    return row[0] if row else None
