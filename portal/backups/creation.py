"""Making a backup of an installation that may go on working meanwhile."""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from portal.backups import BackupError, archive, security, settings
from portal.backups.connection import connect, major, value
from portal.backups.programs import connection_string, find_program, major_of, run_program
from portal.config import Config
from portal.kernel.storage import Storage

# The files that the database names: where they lie, with their size and SHA-256 where it knows them.
FILES = """
    SELECT provider_id || '/' || id, sha256 FROM attachments
    UNION ALL
    SELECT provider_id || '/' || id || '-thumbnail', NULL FROM attachments WHERE thumbnail_width IS NOT NULL
    UNION ALL
    SELECT provider_id || '/mail/' || id, NULL FROM inbound_mails
    UNION ALL
    SELECT DISTINCT logo_file, NULL FROM providers WHERE logo_file <> ''
    ORDER BY 1"""


def create_backup(
    config: Config, store: Storage, path: Path, *, version: str, now: dt.datetime, say: Callable[[str], None]
) -> archive.Manifest:
    """Write a backup to the new file *path*: the database as of one moment, and every file that it names.

    Files are stored before the database names them and dumped after it, so none is missed. Raises BackupError, and
    leaves no file then.
    """
    with connect(config.database_owner_url, "DATABASE_OWNER_URL") as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        check_source(connection)
        program = find_program("pg_dump", major(connection), major(connection))
        manifest = describe(connection, config, version=version, now=now, program=program)
        writer = archive.ArchiveWriter(path)
        try:
            say(f"Dumping the database {manifest.database} with pg_dump {manifest.program_version} ...")
            dump_database(connection, config, program, writer)
            files = connection.execute(FILES).fetchall()
            say(f"Copying {len(files):,} files ...")
            for name, sha256 in files:
                copy_file(store, writer, manifest, str(name), sha256, say)
            writer.finish(manifest)
        finally:
            writer.discard()
    return manifest


def check_source(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Raise BackupError where the database is not one of Parley, or this role does not see all of it."""
    if value(connection, "SELECT to_regclass('public.alembic_version')") is None:
        raise BackupError("This database is empty: it was never migrated. There is nothing to back up.")
    sees_all = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    if not value(connection, sees_all):
        raise BackupError(
            f"The role {connection.info.user} does not see every row (row-level security holds it). DATABASE_OWNER_URL "
            "must name the owner of the tables, with BYPASSRLS."
        )


def describe(
    connection: "psycopg.Connection[tuple[object, ...]]",
    config: Config,
    *,
    version: str,
    now: dt.datetime,
    program: Path,
) -> archive.Manifest:
    """The manifest, still without parts."""
    return archive.Manifest(
        made_at=now.isoformat(timespec="seconds"),
        version=version,
        migration=str(value(connection, "SELECT version_num FROM alembic_version")),
        database=connection.info.dbname,
        server_version=major(connection),
        program_version=major_of(program),
        key_fingerprint=settings.fingerprint(config.secret_key),
        settings=settings.describe_settings(config),
        rows=security.count_rows(connection),
        security=security.describe_security(connection),
    )


def dump_database(
    connection: "psycopg.Connection[tuple[object, ...]]", config: Config, program: Path, writer: archive.ArchiveWriter
) -> None:
    """Dump the snapshot of *connection* in PostgreSQL's custom format, and append it to the archive."""
    snapshot = str(value(connection, "SELECT pg_export_snapshot()"))
    with tempfile.TemporaryDirectory(dir=writer.path.parent, prefix=".dump-") as folder:
        dump = Path(folder) / archive.DUMP
        words: list[str | Path] = [program, "--format=custom", "--snapshot", snapshot, "--file", dump]
        run_program(words, connection_string(config.database_owner_url))
        writer.add(archive.DUMP, dump.stat().st_size, read_chunks(dump))


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(archive.CHUNK):
            yield piece


def copy_file(
    store: Storage,
    writer: archive.ArchiveWriter,
    manifest: archive.Manifest,
    name: str,
    sha256: str | None,
    say: Callable[[str], None],
) -> None:
    """Append one file of the store. One that is not there, or not what was stored, is said and noted, not fatal: the
    rest is worth keeping all the more."""
    try:
        part = writer.add(f"{archive.FILES}{name}", store.size(name), store.read(name))
    except FileNotFoundError:
        manifest.missing_files.append(name)
        say(f"The file {name} is not in the store.")
        return
    if sha256 is not None and part.sha256 != sha256:
        say(f"The file {name} is not what was stored: its SHA-256 differs. It is backed up as it is.")
