"""Speed: what a hundred thousand cases need of indexes, and a stamp by which processes keep what a provider configured."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0400"
down_revision = "2026_11_26_0300"
branch_labels = None
depends_on = None

ACTIVE = "state NOT IN ('resolved', 'closed')"
INDEXES = {
    # name: (table, columns, which rows)
    "ix_cases_provider_queue": ("cases", ["provider_id", "severity", "updated_at", "id"], "state <> 'closed'"),
    "ix_cases_provider_state": ("cases", ["provider_id", "state", "severity", "updated_at", "id"], ACTIVE),
    "ix_cases_provider_ended": (
        *("cases", ["provider_id", "state", "updated_at", "id"]),
        "state IN ('resolved', 'closed')",
    ),
    "ix_cases_unassigned": (
        *("cases", ["provider_id", "severity", "updated_at", "id"]),
        f"owner_id IS NULL AND {ACTIVE}",
    ),
    "ix_cases_customer_replied": (
        *("cases", ["provider_id", "severity", "updated_at", "id"]),
        f"last_word = 'customer' AND first_answer_at IS NOT NULL AND {ACTIVE}",
    ),
    "ix_cases_escalated": ("cases", ["provider_id", "severity", "updated_at", "id"], f"tier > 1 AND {ACTIVE}"),
    "ix_cases_waiting_reporter": ("cases", ["reported_by_id"], "state = 'waiting'"),
    "ix_cases_waiting_contact": ("cases", ["contact_user_id"], "state = 'waiting'"),
    "ix_cases_account_state": ("cases", ["account_id", "state", "updated_at", "id"], None),
}
# Indexes of the first migration that others do the work of, or that are made anew with other rows.
GONE = {
    "ix_cases_provider_queue": ("cases", ["provider_id", "severity", "updated_at", "id"], ACTIVE),
    "ix_cases_account_active": ("cases", ["account_id", "updated_at", "id"], "state <> 'closed'"),
}
STAMPED = {
    "departments": "",
    "services": "",
    "organizations": "",
    "accounts": "",
    "environments": "",
    "staff_members": "",
    "severity_levels": "",
    "request_types": "",
    # Only names: people come and go all day.
    "users": "OF name",
}
STAMP = """
CREATE FUNCTION stamp_provider() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE current uuid := NULLIF(current_setting('parley.provider', true), '')::uuid;
BEGIN
  -- One new value a statement: for the provider that works, or for all of them when it is the owner of the tables.
  UPDATE providers SET stamp = gen_random_uuid() WHERE current IS NULL OR id = current;
  RETURN NULL;
END $$
"""

# Beside its words a document carries signs that nobody can type: its organization, and the weeks in which it was said.
# With them the full-text index finds the newest hits of an organization without touching all the others.
SIGNS = """
UPDATE search_documents SET public_words = public_words
  || array_to_tsvector(ARRAY['@' || organization_id, '~' || to_char(updated_at AT TIME ZONE 'UTC', 'IYYYIW')])
"""
NOTE_SIGNS = """
UPDATE search_notes n SET words = n.words
  || array_to_tsvector(ARRAY['~' || to_char(d.updated_at AT TIME ZONE 'UTC', 'IYYYIW')])
FROM search_documents d WHERE d.case_id = n.case_id
"""
SEARCH = """
CREATE OR REPLACE FUNCTION search_cases(
  in_provider uuid, in_words text, in_staff boolean, in_accounts uuid[], in_organizations uuid[],
  in_shared uuid[], in_private uuid[], in_people uuid[], in_limit integer
) RETURNS TABLE (found_id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  wanted tsquery := to_tsquery('simple', in_words);
  homes tsquery;
  here tsquery;
  newest timestamptz;
  most integer := LEAST(in_limit, 1000);
  found uuid[] := '{}';
  more uuid[];
BEGIN
  SELECT d.updated_at INTO newest FROM search_documents d WHERE d.provider_id = in_provider
    ORDER BY d.updated_at DESC LIMIT 1;
  IF newest IS NULL THEN
    RETURN;
  END IF;
  IF NOT in_staff AND cardinality(in_organizations) > 0 THEN
    SELECT string_agg(quote_literal('@' || o), ' | ')::tsquery INTO homes FROM unnest(in_organizations) o;
  END IF;
  -- The newest weeks one by one, for words that many have; then everything, for words that few have.
  FOR step IN 0..6 LOOP
    here := wanted;
    IF step < 6 THEN
      here := wanted
        && quote_literal('~' || to_char((newest - step * interval '7 days') AT TIME ZONE 'UTC', 'IYYYIW'))::tsquery;
    END IF;
    IF in_staff THEN
      WITH hits AS MATERIALIZED (
        SELECT d.case_id, d.updated_at FROM search_documents d
          WHERE d.provider_id = in_provider AND d.public_words @@ here
            AND (in_accounts IS NULL OR d.account_id = ANY (in_accounts))
        UNION
        SELECT d.case_id, d.updated_at FROM search_notes n JOIN search_documents d ON d.case_id = n.case_id
          WHERE n.provider_id = in_provider AND n.words @@ here
            AND (in_accounts IS NULL OR d.account_id = ANY (in_accounts))
      )
      SELECT array_agg(h.case_id) INTO more FROM (
        SELECT x.case_id FROM hits x WHERE NOT x.case_id = ANY (found) ORDER BY x.updated_at DESC LIMIT most
      ) h;
    ELSE
      WITH hits AS MATERIALIZED (
        SELECT d.case_id, d.updated_at FROM search_documents d
          WHERE homes IS NOT NULL AND d.provider_id = in_provider AND d.public_words @@ (here && homes)
            AND d.organization_id = ANY (in_organizations)
            AND ((d.shared AND d.account_id = ANY (in_shared)) OR d.account_id = ANY (in_private))
        UNION
        SELECT d.case_id, d.updated_at FROM search_documents d
          WHERE d.provider_id = in_provider AND d.people && in_people AND d.public_words @@ here
      )
      SELECT array_agg(h.case_id) INTO more FROM (
        SELECT x.case_id FROM hits x WHERE NOT x.case_id = ANY (found) ORDER BY x.updated_at DESC LIMIT most
      ) h;
    END IF;
    found := found || more;
    EXIT WHEN cardinality(found) >= most;
  END LOOP;
  RETURN QUERY SELECT f.id FROM unnest(found) WITH ORDINALITY AS f (id, place) ORDER BY f.place LIMIT most;
END $$
"""
# Names and addresses by the beginnings of their words, as cases are found: the whole condition stands around it.
PEOPLE = """
CREATE FUNCTION search_people(in_provider uuid, in_word text, in_limit integer)
RETURNS TABLE (found_id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wanted tsquery := to_tsquery('simple', quote_literal(in_word) || ':*');
BEGIN
  RETURN QUERY
    (SELECT u.id FROM users u WHERE u.provider_id = in_provider AND to_tsvector('simple', u.name_folded) @@ wanted
      LIMIT in_limit)
    UNION
    (SELECT a.user_id FROM addresses a WHERE a.provider_id = in_provider
      AND to_tsvector('simple', translate(a.email_folded, '@.-_+', '     ')) @@ wanted LIMIT in_limit);
END $$
"""
PEOPLE_READS = (
    "GRANT SELECT ON users, addresses TO parley_search",
    "CREATE POLICY search ON users FOR SELECT TO parley_search USING (true)",
    "CREATE POLICY search ON addresses FOR SELECT TO parley_search USING (true)",
    "CREATE INDEX ix_users_words ON users USING gin (to_tsvector('simple', name_folded))",
    "CREATE INDEX ix_addresses_words ON addresses"
    " USING gin (to_tsvector('simple', translate(email_folded, '@.-_+', '     ')))",
    PEOPLE,
    "REVOKE ALL ON FUNCTION search_people FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION search_people TO parley_app",
    "GRANT CREATE ON SCHEMA public TO parley_search",
    "ALTER FUNCTION search_people OWNER TO parley_search",
    "REVOKE CREATE ON SCHEMA public FROM parley_search",
)
NO_PEOPLE = (
    "DROP FUNCTION search_people",
    "DROP INDEX ix_addresses_words",
    "DROP INDEX ix_users_words",
    "DROP POLICY search ON addresses",
    "DROP POLICY search ON users",
    "REVOKE SELECT ON users, addresses FROM parley_search",
)
# As the first migration made it.
FORMER_SEARCH = """
CREATE OR REPLACE FUNCTION search_cases(
  in_provider uuid, in_words text, in_staff boolean, in_accounts uuid[], in_organizations uuid[],
  in_shared uuid[], in_private uuid[], in_people uuid[], in_limit integer
) RETURNS TABLE (found_id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wanted tsquery := to_tsquery('simple', in_words);
BEGIN
  IF in_staff THEN
    RETURN QUERY SELECT d.case_id FROM search_documents d
      WHERE d.provider_id = in_provider AND (in_accounts IS NULL OR d.account_id = ANY (in_accounts))
        AND d.case_id IN (
          SELECT p.case_id FROM search_documents p WHERE p.provider_id = in_provider AND p.public_words @@ wanted
          UNION
          SELECT n.case_id FROM search_notes n WHERE n.provider_id = in_provider AND n.words @@ wanted
        )
      ORDER BY d.updated_at DESC LIMIT LEAST(in_limit, 1000);
  ELSE
    RETURN QUERY SELECT d.case_id FROM search_documents d
      WHERE d.provider_id = in_provider AND d.public_words @@ wanted
        AND ((d.organization_id = ANY (in_organizations)
              AND ((d.shared AND d.account_id = ANY (in_shared)) OR d.account_id = ANY (in_private)))
             OR d.people && in_people)
      ORDER BY d.updated_at DESC LIMIT LEAST(in_limit, 1000);
  END IF;
END $$
"""
# The function belongs to the search role; whoever owns the tables replaces it as that role would.
OWNED = (
    "GRANT CREATE ON SCHEMA public TO parley_search",
    "ALTER FUNCTION search_cases OWNER TO parley_search",
    "REVOKE CREATE ON SCHEMA public FROM parley_search",
)


def replace_search(definition: str) -> None:
    """Make the function anew under the search role, for the application alone."""
    op.execute("DROP FUNCTION search_cases")
    op.execute(definition.replace("CREATE OR REPLACE", "CREATE"))
    op.execute("REVOKE ALL ON FUNCTION search_cases FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION search_cases TO parley_app")
    for statement in OWNED:
        op.execute(statement)


def upgrade() -> None:
    for name, (table, _columns, _rows) in GONE.items():
        op.drop_index(name, table)
    for name, (table, columns, rows) in INDEXES.items():
        op.create_index(name, table, columns, postgresql_where=rows)
    op.add_column(
        "providers", sa.Column("stamp", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    )
    op.create_index("ix_search_documents_people", "search_documents", ["people"], postgresql_using="gin")
    op.create_index("ix_search_documents_updated", "search_documents", ["provider_id", "updated_at"])
    for table in ("search_documents", "search_notes"):
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(SIGNS)
    op.execute(NOTE_SIGNS)
    for table in ("search_documents", "search_notes"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    replace_search(SEARCH)
    for statement in PEOPLE_READS:
        op.execute(statement)
    op.execute(STAMP)
    for table, columns in STAMPED.items():
        events = f"UPDATE {columns}" if columns else "INSERT OR DELETE OR UPDATE"
        op.execute(
            f"CREATE TRIGGER stamp AFTER {events} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION stamp_provider()"
        )


def downgrade() -> None:
    for table in STAMPED:
        op.execute(f"DROP TRIGGER stamp ON {table}")
    op.execute("DROP FUNCTION stamp_provider")
    for statement in NO_PEOPLE:
        op.execute(statement)
    replace_search(FORMER_SEARCH)
    op.drop_index("ix_search_documents_updated", "search_documents")
    op.drop_index("ix_search_documents_people", "search_documents")
    op.drop_column("providers", "stamp")
    for name, (table, _columns, _rows) in INDEXES.items():
        op.drop_index(name, table)
    for name, (table, columns, rows) in GONE.items():
        op.create_index(name, table, columns, postgresql_where=rows)
