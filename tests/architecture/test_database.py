"""The database itself: policies as declared, forced, under a role that can do nothing about them (walls b and c)."""

import ast

import psycopg
import pytest

from portal.authz import scopes
from portal.kernel import config_cache, tenancy
from portal.kernel.database import Base
from tests.architecture.source import dotted, modules

PROTECTED = sorted(table for table, policy in tenancy.POLICIES.items() if policy.condition is not None)
PLACE = ("provider_id", "organization_id", "account_id", "case_id")
# Rows of a person or of the provider that only point at a case: read through its scope, so a wrong id shows nothing.
POINTERS = {"digest_entries", "inbound_mails", "notifications", "outgoing_mails"}
CHILDREN = sorted(t.name for t in Base.metadata.tables.values() if "case_id" in t.columns and t.name not in POINTERS)


@pytest.fixture(scope="module")
def owner(app, engines):
    """A connection as the owner of the tables; what a test changes is rolled back."""
    name = app.config["PARLEY"].database_owner_url
    with psycopg.connect(name) as connection:
        yield connection
        connection.rollback()


def test_the_policies_in_the_database_are_the_declared_ones(owner):
    """The models declare them, the migration wrote them down: if they drift apart, one of both lies."""
    wrong = []
    with owner.transaction(force_rollback=True):
        for table in PROTECTED:
            condition = tenancy.POLICIES[table].condition
            owner.execute(f"CREATE POLICY declared ON {table} USING ({condition}) WITH CHECK ({condition})")
        rows = owner.execute(
            "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies "
            "WHERE schemaname = 'public' AND policyname IN ('declared', 'tenant')"
        ).fetchall()
        found = {(table, name): rest for table, name, *rest in rows}
        for table in PROTECTED:
            if found.get((table, "tenant")) != found[table, "declared"]:
                wrong.append(table)
    assert not wrong


def test_a_policy_reads_the_same_after_a_restore(owner):
    """A backup writes each policy as PostgreSQL spells it, and a restore reads that. `state IN ('a', 'b')` of a varchar
    is spelled otherwise the second time, and the restore would refuse what it restored: write two equations."""
    spelled = "SELECT tablename, qual FROM pg_policies WHERE schemaname = 'public' AND policyname = '{}'"
    with owner.transaction(force_rollback=True):
        before = dict(owner.execute(spelled.format("tenant")).fetchall())
        for table, condition in before.items():
            owner.execute(f"CREATE POLICY again ON {table} USING ({condition})")
        after = dict(owner.execute(spelled.format("again")).fetchall())
    assert set(before) == set(PROTECTED)
    assert not [table for table in before if before[table] != after[table]]


def test_the_tables_of_configuration_are_those_that_renew_the_version(owner):
    """A table without the trigger would be served from the cache for ever; one that no model names would be read from
    the cache in the request that changed it."""
    found = {row[0] for row in owner.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'stamp'")}
    assert found == config_cache.CONFIG_TABLES
    homes = {
        table: module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and dotted(node.func).endswith("register_config_tables")
        for table in map(ast.literal_eval, node.args)
    }
    tables = {mapper.local_table.name: mapper.class_.__module__ for mapper in Base.registry.mappers}
    assert homes == {table: tables[table] for table in config_cache.CONFIG_TABLES}


def test_there_is_no_other_policy_for_the_application(owner):
    """Policies add up: one more that is true for everybody would undo the others."""
    rows = owner.execute(
        "SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' "
        "AND roles && ARRAY['public', 'parley_app']::name[] AND policyname <> 'tenant'"
    ).fetchall()
    assert rows == []


def test_row_level_security_is_forced_on_every_tenant_table(owner):
    """Enabled alone would spare the owner: migrations and maintenance would see everything by accident."""
    rows = dict(
        owner.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
            "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    )
    assert [table for table in PROTECTED if not rows.get(table)] == []


def test_the_application_role_can_neither_own_nor_bypass(owner):
    """Whoever owns a table can switch its policies off; whoever may bypass them never meets one."""
    assert (
        owner.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'parley_app'"
        ).fetchone()
        == (False,) * 4
    )
    owned = owner.execute(
        "SELECT relname FROM pg_class WHERE relowner = 'parley_app'::regrole AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert owned == []
    assert (
        owner.execute(
            "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'parley_app'::regrole"
        ).fetchall()
        == []
    )


def test_the_application_cannot_change_what_happened(owner):
    """Events are evidence: not even a defect of the application may rewrite them."""
    for verb in ("UPDATE", "DELETE", "TRUNCATE"):
        assert owner.execute("SELECT has_table_privilege('parley_app', 'events', %s)", [verb]).fetchone() == (False,)


def test_every_tenant_model_has_a_scope():
    """A list that starts at no scope cannot be right; a model without one invites it."""
    models = {m.class_ for m in Base.registry.mappers if m.class_.__tablename__ in PROTECTED}
    assert models - set(scopes.registered_scopes()) == set()


@pytest.mark.parametrize("table", CHILDREN)
def test_every_child_of_a_case_repeats_its_place_in_its_key(table):
    """Wall b: no row can hang on a case of another account, organization or provider, whatever the code does."""
    keys = {
        tuple(key.column_keys)
        for key in Base.metadata.tables[table].foreign_key_constraints
        if key.referred_table.name == "cases"
    }
    assert PLACE in keys


@pytest.mark.parametrize("table", CHILDREN)
def test_a_place_is_whole_or_absent(table, owner):
    """A composite key with one NULL is not checked at all, so a case without its organization must be impossible."""
    columns = Base.metadata.tables[table].columns
    if not columns["case_id"].nullable:
        assert not any(columns[name].nullable for name in PLACE)
        return
    checks = " ".join(
        row[0]
        for row in owner.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
            [table],
        ).fetchall()
    )
    full = any(
        key.match == "FULL"
        for key in Base.metadata.tables[table].foreign_key_constraints
        if tuple(key.column_keys) == PLACE
    )
    assert full or ("case_id" in checks and "organization_id" in checks and "account_id" in checks)


def test_every_foreign_key_between_tenant_tables_carries_the_provider():
    """A key by id alone would let a row of one provider point at another's."""
    wrong = []
    for table in Base.metadata.tables.values():
        for key in table.foreign_key_constraints:
            if key.referred_table.name == "providers" or table.name not in PROTECTED:
                continue
            if "provider_id" not in key.column_keys:
                wrong.append(f"{table.name} → {key.referred_table.name}")
    assert not wrong
