"""Backup and restore: `flask backup`, `flask backup verify FILE`, `flask restore FILE`.

    programs       where pg_dump and pg_restore are
    archive        the file: parts with their SHA-256, the manifest last
    security       who owns what, which policies hold, who may what: compared before and after
    creation       makes a backup of a running installation
    verification   reads a backup whole, without a database
    restoration    checks everything, then puts a backup in place
    cli            the commands

Everything here works as the owner of the tables (DATABASE_OWNER_URL). The operator's page: docs/howto/05-production.md.
"""


class BackupError(Exception):
    """Why there is no backup, or why it is not restored: whole sentences for the operator's terminal."""
