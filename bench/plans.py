"""The plans of a page's statements under row-level security, as the application's connections make them.

Each statement is prepared and planned for any parameters (the application's connections do so), run as the application
role inside the page's own tenancy, and measured by the buffers it touched: "no sequential scan" alone would not notice
an index that is read from end to end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer

from bench.page_costs import SentStatement
from portal.kernel.connections import SERVER_SETTINGS

# Tables that grow with cases: none of them may be read from end to end.
GROWING = {
    *("cases", "messages", "events", "deliveries", "notifications", "case_grants", "case_exclusions", "case_follows"),
    *("search_documents", "search_notes", "surveys", "attachments", "users", "addresses", "contacts"),
    *("contact_access", "sla_standings", "sla_clocks", "sla_fired", "due_work"),
}

# A table with so few rows is rightly read without an index.
SCANNED = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one statement."""

    text: str
    buffers: int
    # Growing tables that were read from end to end.
    scanned: tuple[str, ...]


def explain(app_url: str, asked: Sequence[SentStatement]) -> list[Plan]:
    """The plans of *asked*, in order; statements that set the tenancy are carried out, others are explained."""
    found = []
    with psycopg.connect(app_url, options=SERVER_SETTINGS) as connection, connection.cursor() as cursor:
        for one in asked:
            if "set_config" in one.text[:40]:
                cursor.execute(one.text.encode(), one.parameters)
            elif one.text.lstrip()[:6].upper() in ("SELECT", "WITH A"):
                found.append(_plan(connection, cursor, one))
        connection.rollback()
    return found


def _plan(connection: "psycopg.Connection[Any]", cursor: "psycopg.Cursor[Any]", asked: SentStatement) -> Plan:
    query = PostgresQuery(Transformer(connection))
    query.convert(asked.text, asked.parameters)
    order = query._order
    values = [asked.parameters[name] for name in order] if order else list(asked.parameters or ())
    cursor.execute(b"PREPARE asked AS " + query.query)
    given = sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, values))) if values else sql.SQL("")
    cursor.execute(sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked") + given)
    row = cursor.fetchone()
    cursor.execute(b"DEALLOCATE asked")
    assert row is not None
    top = row[0][0]["Plan"]
    return Plan(asked.text, top["Shared Hit Blocks"] + top["Shared Read Blocks"], tuple(sorted(_scanned(top))))


def _scanned(node: dict[str, Any]) -> set[str]:
    """Growing tables that *node* and what is below it read from end to end, SCANNED rows of them or more."""
    rows = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    found = {node["Relation Name"]} if node["Node Type"] == "Seq Scan" and rows >= SCANNED else set()
    for child in node.get("Plans", ()):
        found |= _scanned(child)
    return found & GROWING
