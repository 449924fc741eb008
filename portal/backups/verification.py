"""Reading a backup whole, without a database."""

from portal.backups import BackupError, archive
from portal.backups.programs import find_program, read_contents


def check_archive(reader: archive.ArchiveReader) -> None:
    """Read every part, compare its SHA-256, and let pg_restore read the dump's table of contents.

    Raises BackupError for what is cut off, damaged or missing.
    """
    reader.check_parts()
    program = find_program("pg_restore", reader.manifest.program_version, reader.manifest.program_version)
    with reader.open(archive.DUMP) as dump:
        contents = read_contents(program, dump)
    tables = [line for line in contents.splitlines() if " TABLE DATA public " in line]
    if len(tables) != len(reader.manifest.rows):
        raise BackupError(f"The dump holds {len(tables)} tables and its manifest names {len(reader.manifest.rows)}.")


def summarize(manifest: archive.Manifest) -> list[str]:
    """What a backup holds, in lines for a terminal."""
    files = manifest.files()
    megabytes = sum(part.size for part in manifest.parts.values()) / 1024 / 1024
    withheld = [name for name, value in manifest.settings.items() if value is None]
    lines = [
        f"Made at {manifest.made_at} by Parley {manifest.version}, migration {manifest.migration}, "
        f"PostgreSQL {manifest.server_version}.",
        f"{sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables, of them "
        f"{manifest.rows.get('cases', 0):,} cases; {len(files):,} files; {megabytes:,.1f} MB.",
        f"Not in it, keep them elsewhere: {', '.join(withheld) or 'nothing'}.",
    ]
    if manifest.missing_files:
        lines.append(f"{len(manifest.missing_files)} files were missing when it was made.")
    return lines
