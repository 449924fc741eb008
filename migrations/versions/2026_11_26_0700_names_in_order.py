"""Names in order: "Łódź" stands beside "Lodz", not behind "Zebra". The database folds as `kernel.text.fold` does.

With it the desk's search finds accounts by the beginnings of their words, as it finds people, and reads no others.
"""

from alembic import op

revision = "2026_11_26_0700"
down_revision = "2026_11_26_0600"
branch_labels = None
depends_on = None

# Lower case, no diacritics, the letters that do not come apart spelled out.
FOLDED = """
CREATE FUNCTION folded(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(
  replace(replace(replace(replace(
    regexp_replace(normalize(lower(name), NFKD), '[\u0300-\u036f]', '', 'g'),
  'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
  'łđøıð', 'ldoid'
)
"""

WORDS = "to_tsvector('simple', folded(name) || ' ' || lower(key))"
ACCOUNTS = f"""
CREATE FUNCTION search_accounts(in_provider uuid, in_word text, in_limit integer)
RETURNS TABLE (found_id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wanted tsquery := to_tsquery('simple', quote_literal(in_word) || ':*');
BEGIN
  RETURN QUERY SELECT a.id FROM accounts a WHERE a.provider_id = in_provider AND {WORDS} @@ wanted LIMIT in_limit;
END $$
"""
# The function belongs to the search role, and only the application may call it.
SEARCHED = (
    f"CREATE INDEX ix_accounts_words ON accounts USING gin ({WORDS})",
    "GRANT SELECT ON accounts TO parley_search",
    "CREATE POLICY search ON accounts FOR SELECT TO parley_search USING (true)",
    ACCOUNTS,
    "REVOKE ALL ON FUNCTION search_accounts FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION search_accounts TO parley_app",
    "GRANT CREATE ON SCHEMA public TO parley_search",
    "ALTER FUNCTION search_accounts OWNER TO parley_search",
    "REVOKE CREATE ON SCHEMA public FROM parley_search",
)
UNSEARCHED = (
    "DROP FUNCTION search_accounts",
    "DROP POLICY search ON accounts",
    "REVOKE SELECT ON accounts FROM parley_search",
    "DROP INDEX ix_accounts_words",
)


def upgrade() -> None:
    op.execute(FOLDED)
    for table in ("accounts", "organizations"):
        op.execute(f"CREATE INDEX ix_{table}_folded ON {table} (provider_id, folded(name), id)")
    for statement in SEARCHED:
        op.execute(statement)


def downgrade() -> None:
    for statement in UNSEARCHED:
        op.execute(statement)
    for table in ("accounts", "organizations"):
        op.drop_index(f"ix_{table}_folded", table)
    op.execute("DROP FUNCTION folded")
