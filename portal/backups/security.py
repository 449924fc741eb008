"""What keeps tenants apart in the database, as a value: owners, policies, grants. Two of them can be compared."""

import re
from typing import Any, LiteralString

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
APPLICATION = "parley_app"
SEARCH = "parley_search"

# Each returns (what, what it is like). The owner's own privileges are left out: newer versions of PostgreSQL have more.
QUERIES: dict[str, LiteralString] = {
    "tables": """
        SELECT relname, concat_ws(' ', relowner::regrole, CASE WHEN relrowsecurity THEN 'policies' END,
                                  CASE WHEN relforcerowsecurity THEN 'forced' END)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')""",
    "policies": """
        SELECT tablename || '.' || policyname, concat_ws(' | ', permissive, roles::text, cmd, qual, with_check)
        FROM pg_policies WHERE schemaname = 'public'""",
    "functions": """
        SELECT oid::regprocedure::text, concat_ws(' ', proowner::regrole, CASE WHEN prosecdef THEN 'as its owner' END,
                                                  proconfig::text)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "grants": """
        SELECT what || ' to ' || CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
               string_agg(privilege_type, ', ' ORDER BY privilege_type)
        FROM (
          SELECT 'table ' || relname AS what, relowner AS owner, acl.* FROM pg_class,
            aclexplode(relacl) AS acl WHERE relnamespace = 'public'::regnamespace
          UNION ALL
          SELECT 'column ' || relname || '.' || attname, relowner, acl.* FROM pg_class
            JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl) AS acl
            WHERE relnamespace = 'public'::regnamespace
          UNION ALL
          SELECT 'function ' || pg_proc.oid::regprocedure::text, proowner, acl.* FROM pg_proc,
            aclexplode(COALESCE(proacl, acldefault('f', proowner))) AS acl
            WHERE pronamespace = 'public'::regnamespace
          UNION ALL
          SELECT 'schema ' || nspname, nspowner, acl.* FROM pg_namespace, aclexplode(nspacl) AS acl
            WHERE nspname = 'public'
          UNION ALL
          SELECT 'new ' || defaclobjtype::text, defaclrole, acl.* FROM pg_default_acl,
            aclexplode(defaclacl) AS acl WHERE defaclnamespace = 'public'::regnamespace
        ) AS granted WHERE grantee <> owner GROUP BY 1""",
}

# Each row is a sentence about what must never be, whatever a backup says.
FAULTS: tuple[LiteralString, ...] = (
    """
    SELECT format('The function %s runs as %s, which is not bound by row-level security.', p.oid::regprocedure, rolname)
    FROM pg_proc p JOIN pg_roles ON pg_roles.oid = proowner
    WHERE pronamespace = 'public'::regnamespace AND prosecdef AND (rolsuper OR rolbypassrls)""",
    """
    SELECT format('The table %s has policies that are not forced.', relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)
      AND NOT (relrowsecurity AND relforcerowsecurity)""",
    """
    SELECT format('The role %s may do more than an application may.', rolname) FROM pg_roles
    WHERE rolname = 'parley_app' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)""",
    """
    SELECT format('The application owns %s.', relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND pg_get_userbyid(relowner) = 'parley_app'""",
    """
    SELECT format('The application may act as %s.', pg_get_userbyid(roleid)) FROM pg_auth_members
    WHERE pg_get_userbyid(member) = 'parley_app'""",
)


def describe_security(connection: Connection) -> dict[str, dict[str, str]]:
    """Owners, policies and grants of everything in the schema `public`."""
    return {
        kind: {str(what): _plain(str(like)) for what, like in sorted(connection.execute(query).fetchall())}
        for kind, query in QUERIES.items()
    }


def _plain(text: str) -> str:
    """*text* with its white space as single spaces: versions of PostgreSQL break lines differently."""
    return re.sub(r"\s+", " ", text)


def find_differences(wanted: dict[str, dict[str, str]], found: dict[str, dict[str, str]]) -> list[str]:
    """Sentences about what is not as *wanted*; none when both are the same."""
    sentences = []
    for kind, things in wanted.items():
        there = found.get(kind, {})
        for what in sorted(things.keys() | there.keys()):
            if things.get(what) != there.get(what):
                is_now, was = there.get(what, "not there"), things.get(what, "not there")
                sentences.append(f"{kind}: {what} is “{is_now}” and was “{was}”.")
    return sentences


def find_faults(connection: Connection) -> list[str]:
    """Sentences about what would let one tenant see another; none in a sound database."""
    return [str(row[0]) for query in FAULTS for row in connection.execute(query).fetchall()]


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has, as a role that sees all of them."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
    ).fetchall()
    counts = {}
    for (name,) in tables:
        query = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))
        row = connection.execute(query).fetchone()
        counts[str(name)] = int(row[0]) if row else 0
    return counts
