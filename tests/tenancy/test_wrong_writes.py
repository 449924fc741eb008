"""Walls b and c against writing: no row can be put into, moved to or hung on another tenant."""

import uuid

import pytest
from psycopg import sql
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege
from psycopg.types.json import Jsonb

from portal.kernel import tenancy
from portal.kernel.database import Base

TABLES = sorted(name for name, policy in tenancy.POLICIES.items() if policy.condition is not None)
OF_ORGANIZATIONS = sorted(name for name in TABLES if "organization_id" in Base.metadata.tables[name].columns)
PLACE = ("provider_id", "organization_id", "account_id")
KEYS = sorted(
    (table.name, column, tuple(key.column_keys), key.referred_table.name)
    for table in Base.metadata.tables.values()
    for key in table.foreign_key_constraints
    for column in key.column_keys
    if len(key.column_keys) > 1 and column in PLACE
)


def one_row(town, table, where="true"):
    with town.above() as connection:
        row = connection.execute(f"SELECT * FROM {table} WHERE {where} LIMIT 1").fetchone()
    assert row, f"{table} is empty"
    return row


def insert(connection, table, row):
    """Insert *row*, but for the columns that PostgreSQL computes."""
    row = {name: value for name, value in row.items() if Base.metadata.tables[table].columns[name].computed is None}
    values = [Jsonb(v) if isinstance(v, dict | list) and not is_array(table, k) else v for k, v in row.items()]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    connection.execute(statement, values)


def is_array(table, column):
    return (table, column) in {
        *(("search_documents", "people"), ("incoming_calls", "account_ids"), ("approval_requests", "waiting_ids")),
    }


@pytest.mark.parametrize("table", TABLES)
def test_a_row_of_one_provider_cannot_be_written_by_another(town, table):
    """Even an action of the other provider with a foreign row is refused."""
    column = "id" if table == "providers" else "provider_id"
    row = one_row(town, table, f"{column} = '{town.world.northwind.id}'")
    with town.looks("southgate") as connection, pytest.raises(InsufficientPrivilege):
        insert(connection, table, row)


@pytest.mark.parametrize("table", OF_ORGANIZATIONS)
def test_a_contact_cannot_write_into_another_organization(town, table):
    """Rita cannot hang a word, a file, a share or an event on a case of Globex, nor make herself an account there."""
    row = one_row(town, table, f"organization_id = '{town.world.organizations['Globex'].id}'")
    with town.looks("rita") as connection, pytest.raises(InsufficientPrivilege):
        insert(connection, table, row)


@pytest.mark.parametrize("table", OF_ORGANIZATIONS)
def test_a_contact_cannot_change_or_delete_rows_of_another_organization(town, table):
    """What cannot be seen cannot be hit, by an update or a delete that forgot its filter."""
    globex = town.world.organizations["Globex"].id
    one_row(town, table, f"organization_id = '{globex}'")
    for verb in (
        f"UPDATE {table} SET account_id = account_id WHERE organization_id = %s",
        f"DELETE FROM {table} WHERE organization_id = %s",
    ):
        if "account_id" not in Base.metadata.tables[table].columns and verb.startswith("UPDATE"):
            continue
        with town.looks("rita") as connection:
            if table in ("events", "sla_promises"):  # evidence: nobody may rewrite it
                with pytest.raises(InsufficientPrivilege):
                    connection.execute(verb, [globex])
            else:
                assert connection.execute(verb, [globex]).rowcount == 0


@pytest.mark.parametrize(("table", "column", "key", "parent"), KEYS)
def test_a_row_cannot_be_moved_into_another_place(town, table, column, key, parent):
    """Wall b alone, no policy in force: the composite key refuses a row whose tenant is not its parent's."""
    filled = " AND ".join(f"{name} IS NOT NULL" for name in key)
    with town.above() as connection:
        other = found_a_place(connection)[column]
        one = f"SELECT ctid FROM {table} WHERE {filled} LIMIT 1"
        assert connection.execute(one).fetchone(), f"no row of {table} uses its key to {parent}: fill it in conftest.py"
        with pytest.raises(ForeignKeyViolation):
            connection.execute(f"UPDATE {table} SET {column} = %s WHERE ctid = ({one})", [other])


def found_a_place(connection):
    """A provider, an organization and an account in which nothing can stand in the way of a moved row."""
    place = {name: uuid.uuid4() for name in PLACE}
    for table, own, values in (
        ("providers", "provider_id", {"slug": "nowhere"}),
        ("organizations", "organization_id", {"slug": "nowhere", "provider_id": place["provider_id"]}),
        (
            "accounts",
            "account_id",
            {"key": "NOWHERE", "provider_id": place["provider_id"], "organization_id": place["organization_id"]},
        ),
    ):
        row = connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
        insert(connection, table, {**row, **values, "id": place[own]})
    return place


@pytest.mark.parametrize("table", ["messages", "attachments", "case_grants", "case_exclusions", "surveys"])
def test_a_child_cannot_hang_on_the_case_of_another_account(town, table):
    """The same organization is not enough: ACME's words stay on ACME's cases."""
    other = town.world.accounts["ACMEPL"].id
    with town.above() as connection, pytest.raises(ForeignKeyViolation):
        connection.execute(f"UPDATE {table} SET account_id = %s WHERE case_id IS NOT NULL", [other])
