"""Roles and databases of a private PostgreSQL.

    parley_owner    owns the database and its tables, runs migrations; row-level security does not hold it
    parley_app      what web and workers sign in as: owns nothing, cannot step around row-level security
    parley_search   nobody signs in as it; the owner may hand it functions (SECURITY DEFINER search)

A production database needs the same three; `engines/roles.sql` is the recipe for it.
"""

from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

OWNER = "parley_owner"
APP = "parley_app"
SEARCH = "parley_search"
SUPERUSER = "postgres"
DATABASE = "parley"

PROVISION: dict[str, LiteralString] = {
    OWNER: "LOGIN NOSUPERUSER CREATEROLE CREATEDB BYPASSRLS",
    APP: "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS",
    SEARCH: "NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB",
}


@dataclass(frozen=True)
class Passwords:
    """One password per role that signs in."""

    superuser: str
    owner: str
    app: str

    def of(self, role: str) -> str:
        """Return the role's password."""
        return {SUPERUSER: self.superuser, OWNER: self.owner, APP: self.app}[role]


def provision(superuser_url: str, passwords: Passwords) -> None:
    """Make the roles and the database, or what is missing of them: a killed first start is completed by the next."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        present = {str(row[0]) for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role, attributes in PROVISION.items():
            if role not in present:
                create = sql.SQL("CREATE ROLE {} WITH {}").format(sql.Identifier(role), sql.SQL(attributes))
                if "NOLOGIN" not in attributes:  # in the same statement: no role is ever left without its password
                    create += sql.SQL(" PASSWORD {}").format(sql.Literal(passwords.of(role)))
                connection.execute(create)
        # Since 16 a grant says separately whether the member may act as the role; that is what handing over needs.
        options = "ADMIN TRUE, SET TRUE, INHERIT FALSE" if connection.info.server_version >= 160000 else "ADMIN OPTION"
        grant = sql.SQL("GRANT {} TO {} WITH {}")
        connection.execute(grant.format(sql.Identifier(SEARCH), sql.Identifier(OWNER), sql.SQL(options)))
    if not database_exists(superuser_url, DATABASE):
        create_database(superuser_url, DATABASE)


def database_exists(superuser_url: str, name: str) -> bool:
    """Return whether a database of this name exists."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def create_database(superuser_url: str, name: str, template: str | None = None) -> None:
    """Make a database that belongs to the owner; as a copy of `template` when that is given (nobody may be in it)."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY {}").format(
                sql.Identifier(name),
                sql.Identifier(OWNER),
                sql.Identifier(template or "template1"),
                sql.Identifier("file_copy" if template else "wal_log"),
            )
        )


def drop_database(superuser_url: str, name: str) -> None:
    """Remove a database, with whoever is still connected to it; nothing happens when it does not exist."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
