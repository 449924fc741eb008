"""Names in order: "Łódź" stands beside "Lodz", not behind "Zebra". The database folds as `kernel.text.fold` does."""

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


def upgrade() -> None:
    op.execute(FOLDED)
    for table in ("accounts", "organizations"):
        op.execute(f"CREATE INDEX ix_{table}_folded ON {table} (provider_id, folded(name), id)")


def downgrade() -> None:
    for table in ("accounts", "organizations"):
        op.drop_index(f"ix_{table}_folded", table)
    op.execute("DROP FUNCTION folded")
