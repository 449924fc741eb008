"""Load the rows into PostgreSQL: one transaction, COPY as the owner of the tables, indexes and keys created afterwards.

The loader bypasses row-level security, because COPY does not work with it; so it needs an owner that may bypass it
(`parley_owner` of the embedded PostgreSQL may). The data is verified nevertheless: every foreign key, unique and check
constraint is created at the end.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from random import Random

import psycopg
from psycopg import sql

from bench.case_generator import YEARS, CaseGenerator
from bench.case_history import COLUMNS, CaseTables, tables
from bench.rows import Ids, Table
from bench.world_builder import HOST, Scale, World, WorldBuilder, milliseconds

SEED = 1
UNTIL = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
FLUSH_EVERY = 2_000
Connection = psycopg.Connection[tuple[object, ...]]

STAGING = """
CREATE TEMPORARY TABLE bulk_documents (case_id uuid, provider_id uuid, organization_id uuid, account_id uuid,
  shared boolean, people uuid[], public_words tsvector, note_words tsvector, updated_at timestamptz) ON COMMIT DROP
"""
DOCUMENTS = """
INSERT INTO search_documents
  (case_id, provider_id, organization_id, account_id, shared, people, public_words, updated_at)
SELECT case_id, provider_id, organization_id, account_id, shared, people,
  public_words || array_to_tsvector(
    ARRAY['@' || organization_id, '~' || to_char(updated_at AT TIME ZONE 'UTC', 'IYYYIW')]), updated_at
FROM bulk_documents
"""
NOTES = """
INSERT INTO search_notes (case_id, provider_id, organization_id, account_id, words)
SELECT case_id, provider_id, organization_id, account_id, note_words
  || array_to_tsvector(ARRAY['~' || to_char(updated_at AT TIME ZONE 'UTC', 'IYYYIW')])
FROM bulk_documents WHERE note_words IS NOT NULL
"""
SEARCH = ("search_documents", "search_notes")


class LoadRefused(Exception):
    """The load cannot begin; the sentence says why."""


def load(
    owner_url: str,
    cases: int,
    *,
    scale: Scale | None = None,
    seed: int = SEED,
    until: dt.datetime = UNTIL,
    say: Callable[[str], object] = print,
) -> World:
    """Fill the migrated database at *owner_url* with *cases* cases: all of it or nothing. *scale*: how many people, if
    not as many as usual for so many cases. Raises LoadRefused if the provider exists already, or if the role may not
    bypass row-level security.
    """
    began = time.monotonic()

    def report(what: str) -> None:
        say(f"{time.monotonic() - began:7.1f} s  {what}")

    with psycopg.connect(owner_url) as connection:
        check(connection)
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        rng, end = Random(seed), milliseconds(until)
        start = end - YEARS
        town = WorldBuilder(scale or Scale.of(cases), rng, start - 60_000_000)
        world = town.build()
        shared = CaseTables(world, rng, Ids(rng), end, tables())
        with without_keys(connection, [*town.tables, *COLUMNS, *SEARCH, "account_counters"], report):
            copy_all(connection, town.tables.values())
            report(f"{len(world.companies)} organizations, {town.tables['contacts'].count} contacts, "
                   f"{len(world.staff)} staff")  # fmt: skip
            connection.execute(STAGING)
            for n, _ in enumerate(CaseGenerator(world, shared, rng, cases, start).write_cases(), 1):
                if n % FLUSH_EVERY == 0 or n == cases:
                    copy_all(connection, shared.tables.values())
                    copy(connection, "bulk_documents", (), "".join(shared.documents))
                    shared.documents.clear()
                if n % 50_000 == 0:
                    report(f"{n:,} cases")
            copy_all(connection, [counters(town, world)])
            report(f"{cases:,} cases, {shared.tables['messages'].count:,} messages, {shared.tables['events'].count:,} "
                   f"events, {shared.tables['notifications'].count:,} notifications")  # fmt: skip
            connection.execute(DOCUMENTS)
            connection.execute(NOTES)
            report("search documents")
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE)")
        report("vacuumed and analyzed")
    return world


def check(connection: Connection) -> None:
    """Raise LoadRefused if the load cannot work."""
    allowed = connection.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if allowed.fetchone() != (True,):
        raise LoadRefused(
            "The role of DATABASE_OWNER_URL is held by row-level security, and COPY does not go with it. For this load "
            "give it BYPASSRLS: ALTER ROLE parley_owner BYPASSRLS"
        )
    if connection.execute("SELECT FROM hosts WHERE host = %s", [HOST]).fetchone():
        raise LoadRefused(f"{HOST} is in this database already. Use another one, or another PARLEY_DATA.")


def counters(town: WorldBuilder, world: World) -> Table:
    """The last number of each account."""
    table = Table("account_counters", "id provider_id organization_id account_id last_number")
    for company in world.companies:
        for account in company.accounts:
            table.add(town.new_id(), world.provider_id, company.id, account.id, str(account.numbers))
    return table


def copy_all(connection: Connection, waiting: Iterable[Table]) -> None:
    """Copy the buffered rows of each table."""
    for table in waiting:
        if table.lines:
            copy(connection, table.name, table.columns, table.drain())


def copy(connection: Connection, table: str, columns: Iterable[str], lines: str) -> None:
    """One COPY."""
    named = sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Identifier, columns))) if columns else sql.SQL("")
    statement = sql.SQL("COPY {} {} FROM STDIN").format(sql.Identifier(table), named)
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        stream.write(lines)


@contextmanager
def without_keys(connection: Connection, names: list[str], report: Callable[[str], None]) -> Iterator[None]:
    """Drop foreign keys and all indexes but the primary ones of *names*; make them again, and so verify all rows."""
    wanted = sorted(set(names))
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint"
        " WHERE contype IN ('f', 'u') AND conrelid = ANY (%s::regclass[]) ORDER BY contype DESC, conname",
        [wanted],
    ).fetchall()
    # A unique constraint that a table outside of the load refers to has to stay.
    held = connection.execute(
        "SELECT c.conindid FROM pg_constraint c WHERE c.contype = 'f' AND NOT c.conrelid = ANY (%s::regclass[])",
        [wanted],
    ).fetchall()
    kept = {name for (name,) in connection.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'u' AND conindid = ANY (%s)", [[i for (i,) in held]]
    )}  # fmt: skip
    indexes = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY (%s::regclass[])"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))"
        " ORDER BY 1",
        [wanted],
    ).fetchall()
    for table, name, _definition, kind in sorted(keys, key=lambda row: str(row[3])):
        if kind == "f" or name not in kept:
            _run(connection, f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        _run(connection, f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        _run(connection, str(definition))
    report("indexes")
    for table, name, definition, kind in keys:
        if kind == "f" or name not in kept:
            _run(connection, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    report("keys, and so every row is verified")


def _run(connection: Connection, statement: str) -> None:
    # Names and definitions as PostgreSQL itself printed them.
    connection.execute(statement.encode())
