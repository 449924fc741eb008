"""The desk finds people by their phone numbers too: any part of at least four digits, whatever stands between them."""

from alembic import op

revision = "2026_11_29_0750"
down_revision = "2026_11_29_0700"
branch_labels = None
depends_on = None

# "+48 600-100" gives 48600100, 8600100, 600100, 00100, 0100: a part of the number is the beginning of one of them.
ENDINGS = """
CREATE FUNCTION phone_endings(phone text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT coalesce(array_agg(substr(digits, n)), '{}')
  FROM (SELECT left(regexp_replace(phone, '[^0-9]', '', 'g'), 24) AS digits) d,
       generate_series(1, length(digits) - 3) n
)
"""
PHONES = "array_to_tsvector(phone_endings(phone))"
FORMER = """
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
WITH_PHONES = FORMER.replace(
    "LIMIT in_limit);\nEND",
    "LIMIT in_limit);\n"
    "  IF in_word ~ '^[0-9]{4,24}$' THEN\n"
    "    RETURN QUERY SELECT u.id FROM users u WHERE u.provider_id = in_provider\n"
    f"      AND {PHONES} @@ wanted LIMIT in_limit;\n"
    "  END IF;\nEND",
)
ALLOW = "GRANT CREATE ON SCHEMA public TO parley_search"
DENY = "REVOKE CREATE ON SCHEMA public FROM parley_search"


def upgrade() -> None:
    op.execute(ENDINGS)
    op.execute(f"CREATE INDEX ix_users_phones ON users USING gin ({PHONES})")
    replace_search(WITH_PHONES)


def downgrade() -> None:
    replace_search(FORMER)
    op.drop_index("ix_users_phones", "users")
    op.execute("DROP FUNCTION phone_endings")


def replace_search(definition: str) -> None:
    """Make the function anew under the search role, for the application alone."""
    op.execute("DROP FUNCTION search_people")
    op.execute(definition)
    op.execute("REVOKE ALL ON FUNCTION search_people FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION search_people TO parley_app")
    op.execute(ALLOW)
    op.execute("ALTER FUNCTION search_people OWNER TO parley_search")
    op.execute(DENY)
