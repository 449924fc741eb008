"""Putting a backup in place: everything is checked before anything is changed, and again before anything is lost.

The schema `public` of the database is set aside under another name; the dump is restored beside it in one transaction
and compared with the manifest; only then is the old schema dropped. Until that moment any failure puts it back.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from portal.backups import BackupError, archive, security, settings, verification
from portal.backups.connection import connect, major, value
from portal.backups.programs import connection_string, find_program, read_contents, run_program
from portal.config import Config
from portal.kernel.storage import Storage

Connection = psycopg.Connection[Any]
SET_ASIDE = "parley_before_restore"


def restore_backup(
    config: Config,
    store: Storage,
    path: Path,
    *,
    migrations: Path,
    replace: str,
    other_key: bool,
    say: Callable[[str], None],
) -> archive.Manifest:
    """Restore the backup at *path* into the database of DATABASE_OWNER_URL and the configured store.

    *replace* names the database where it holds data that may be lost; *other_key* accepts a SECRET_KEY that is not the
    backup's. Raises BackupError with nothing changed, but for files that were added to the store.
    """
    with archive.open_archive(path) as reader:
        manifest = reader.manifest
        say("Checking the backup ...")
        verification.check_archive(reader)
        behind = check_migration(manifest, migrations)
        check_key(config, manifest, other_key)
        with connect(config.database_owner_url, "DATABASE_OWNER_URL") as connection:
            check_server(connection, manifest)
            check_same_database(connection, config)
            check_target(connection, replace)
            program = find_program("pg_restore", manifest.program_version, major(connection))
            files = manifest.files()
            say(f"Copying {len(files):,} files to the store ...")
            for name in files:
                with reader.open(f"{archive.FILES}{name}") as file:
                    store.write(name, iter(lambda file=file: file.read(archive.CHUNK), b""))  # type: ignore[misc]
            say(f"Restoring the database into {connection.info.dbname} ...")
            put_in_place(connection, config, reader, program)
    say_what_holds(manifest, behind, say)
    return manifest


# -- before anything is changed ---------------------------------------------------------------------------------------


def check_migration(manifest: archive.Manifest, migrations: Path) -> bool:
    """Whether the backup is older than this version. Raises BackupError for one that is newer or of another program."""
    scripts = ScriptDirectory(str(migrations))
    try:
        scripts.get_revision(manifest.migration)
    except CommandError:
        raise BackupError(
            f"This version of Parley does not know the migration {manifest.migration}: the backup was made by a newer "
            f"one ({manifest.version}). Install that one, then restore."
        ) from None
    return manifest.migration not in scripts.get_heads()


def check_key(config: Config, manifest: archive.Manifest, other_key: bool) -> None:
    """Raise BackupError where SECRET_KEY is not the one the backup was made with."""
    if not settings.is_key_of(config.secret_key, manifest.key_fingerprint) and not other_key:
        raise BackupError(
            "SECRET_KEY is not the key of this backup: with another one every link in a mail and every sign-in is "
            "worth nothing. Set the right one; or say --other-key to go on, and people sign in anew."
        )


def check_server(connection: Connection, manifest: archive.Manifest) -> None:
    """Raise BackupError where the server is older than the backup's, or lacks a role or a right that is needed."""
    if major(connection) < manifest.server_version:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest.server_version} and this server is {major(connection)}. Restore "
            "into the same version or a newer one."
        )
    owners = {like.split(" ")[0] for kind in ("tables", "functions") for like in manifest.security[kind].values()}
    wanted = sorted(owners | {security.APPLICATION, security.SEARCH})
    known = {str(row[0]) for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    if absent := [role for role in wanted if role not in known]:
        raise BackupError(
            f"This server has no role {', '.join(absent)}. Make the roles first (docs/howto/05-production.md, Roles)."
        )
    as_member = "SET" if major(connection) >= 16 else "MEMBER"
    unable = [
        role
        for role in sorted(owners | {security.SEARCH})
        if not value(connection, "SELECT pg_has_role(current_user, %s, %s)", [role, as_member])
    ]
    if unable:
        raise BackupError(
            f"The role {connection.info.user} may not act as {', '.join(unable)}, so it cannot give back what those "
            "own. Sign in as the owner of the tables, with the roles of docs/howto/05-production.md."
        )
    owns = "SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    if not value(connection, owns):
        raise BackupError(f"The role {connection.info.user} does not own the database {connection.info.dbname}.")
    if faults := [fault for fault in security.find_faults(connection) if fault.startswith("The role")]:
        raise BackupError(" ".join(faults))


def check_same_database(connection: Connection, config: Config) -> None:
    """Raise BackupError where DATABASE_URL, if it is set, leads to another database than DATABASE_OWNER_URL."""
    if not config.database_url:
        return
    same = "SELECT current_database() || ' ' || oid FROM pg_database WHERE datname = current_database()"
    started = "SELECT pg_postmaster_start_time()::text"
    with connect(config.database_url, "DATABASE_URL") as application:
        for query in (same, started):
            if value(application, query) != value(connection, query):
                raise BackupError("DATABASE_URL and DATABASE_OWNER_URL lead to different databases.")


def check_target(connection: Connection, replace: str) -> None:
    """Raise BackupError where the database holds something that nobody said may be lost, or somebody works in it."""
    name = connection.info.dbname
    if value(connection, "SELECT to_regnamespace(%s)", [SET_ASIDE]) is not None:
        raise BackupError(
            f"An earlier restore did not end: the data of before are in the schema {SET_ASIDE} of {name}. Look which "
            f"ones you need. To have them back: DROP SCHEMA public CASCADE; ALTER SCHEMA {SET_ASIDE} RENAME TO public. "
            f"To give them up: DROP SCHEMA {SET_ASIDE} CASCADE."
        )
    tables = value(connection, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    if replace and replace != name:
        raise BackupError(f"--replace names {replace}, and DATABASE_OWNER_URL leads to the database {name}.")
    if tables and not replace:
        raise BackupError(
            f"The database {name} is not empty. Restore into an empty one; or say --replace {name}, and what it holds "
            "now is lost once the backup stands in its place."
        )
    if others := count_others(connection):
        raise BackupError(
            f"{others} other connections use the database {name}. Stop web, workers and scheduler first, and whatever "
            "else is signed in."
        )


def count_others(connection: Connection, patience: int = 20) -> int:
    """How many other sessions the database has; one that was closed just now may take a moment to end."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename IS NOT NULL "
        "AND pid <> pg_backend_pid()"
    )
    for _ in range(patience):
        others = int(value(connection, query))
        if not others:
            return 0
        connection.execute("SELECT pg_sleep(0.1)")
    return others


# -- the change -------------------------------------------------------------------------------------------------------


def put_in_place(connection: Connection, config: Config, reader: archive.ArchiveReader, program: Path) -> None:
    """Set the old schema aside, restore, compare, drop the old one. On any failure the old one is back."""
    connection.execute("SET lock_timeout = '30s'")
    with connection.transaction():
        connection.execute(f"ALTER SCHEMA public RENAME TO {SET_ASIDE}")
        # As a new database has it, so that a backup of this one is like any other.
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        connection.execute(f"GRANT CREATE ON SCHEMA public TO {security.SEARCH}")
    try:
        restore_dump(connection, config, reader, program)
        connection.execute(f"REVOKE CREATE ON SCHEMA public FROM {security.SEARCH}")
        check_result(connection, reader.manifest)
    except BaseException:
        with connection.transaction():
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute(f"ALTER SCHEMA {SET_ASIDE} RENAME TO public")
        raise
    connection.execute(f"DROP SCHEMA {SET_ASIDE} CASCADE")
    connection.execute("ANALYZE")


def restore_dump(connection: Connection, config: Config, reader: archive.ArchiveReader, program: Path) -> None:
    """Restore the dump as the owner, and what another role owns as that role.

    The functions of the search would otherwise belong to the owner, who is not bound by row-level security; or, given
    away with ALTER FUNCTION, stay open to everybody, because only their own role may grant and revoke on them.
    """
    owner = str(value(connection, "SELECT current_user"))
    with reader.open(archive.DUMP) as dump:
        contents = split_contents(read_contents(program, dump), owner)
    for role, lines in contents.items():
        with tempfile.TemporaryDirectory() as folder, reader.open(archive.DUMP) as dump:
            chosen = Path(folder) / "contents"
            chosen.write_text("\n".join(lines))
            words: list[str | Path] = [program, "--exit-on-error", "--single-transaction", "--use-list", chosen]
            words += [] if role == owner else ["--role", role, "--no-owner"]
            run_program(words, connection_string(config.database_owner_url), feed=dump)


def split_contents(contents: str, owner: str) -> dict[str, list[str]]:
    """The lines of a dump's table of contents by the role that restores them, the *owner*'s first.

    Only functions, with their grants, are made by another role than the owner.
    """
    found: dict[str, list[str]] = {owner: []}
    for line in contents.splitlines():
        if not line or line.startswith(";"):
            continue
        role = line.rpartition(" ")[2] if " FUNCTION " in line else owner
        found.setdefault(role, []).append(line)
    return found


def check_result(connection: Connection, manifest: archive.Manifest) -> None:
    """Compare the restored database with the manifest. Raises BackupError with what differs."""
    rows = security.count_rows(connection)
    wrong = [
        f"{table} has {rows.get(table, 0)} rows and had {count}."
        for table, count in manifest.rows.items()
        if rows.get(table) != count
    ]
    wrong += security.find_faults(connection)
    wrong += security.find_differences(manifest.security, security.describe_security(connection))
    if wrong:
        raise BackupError("What was restored is not what was backed up:\n" + "\n".join(wrong[:20]))


def say_what_holds(manifest: archive.Manifest, behind: bool, say: Callable[[str], None]) -> None:
    """Tell what was checked, and what comes next."""
    kinds = manifest.security
    forced = sum(like.endswith("forced") for like in kinds["tables"].values())
    as_owner = sum("as its owner" in like for like in kinds["functions"].values())
    say(f"Rows: {sum(manifest.rows.values()):,} in {len(manifest.rows)} tables, each table as many as in the backup.")
    say(f"Row-level security: forced on {forced} tables, {len(kinds['policies'])} policies, all as in the backup.")
    say(f"Functions: {as_owner} run as their owner; none of these owners steps around row-level security.")
    say(f"Owners and grants: {len(kinds['tables'])} tables and {len(kinds['grants'])} grants, all as in the backup.")
    if behind:
        say("The backup is older than this version. Next: flask --app app db upgrade")
    say("Start the scheduler, workers and web now. Mails that waited when the backup was made are sent then.")
