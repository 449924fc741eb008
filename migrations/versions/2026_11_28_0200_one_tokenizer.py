"""Search reads tokens of ours: `search_cases` takes a finished tsquery, and existing documents are marked for rebuilding.

Until now PostgreSQL's parser cut documents and questions. From now on Python cuts both (portal/kernel/tokenizer.py), so
the function must not cut again. Documents from before keep the parser's words until they are rebuilt: a worker does
that for each provider after the upgrade, `flask search rebuild` does it at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_0200"
down_revision = "2026_11_28_0100"
branch_labels = None
depends_on = None

PARSED, GIVEN = "to_tsquery('simple', in_words)", "in_words::tsquery"
# Work for the first worker that looks, one piece a provider; `hosts` and `due_work` are exempt from row-level security.
PLANNED = """
INSERT INTO due_work (provider_id, kind, id, due_at)
SELECT DISTINCT provider_id, 'search_rebuild', provider_id, now() FROM hosts
ON CONFLICT DO NOTHING
"""


def _in_search_cases(old: str, new: str) -> None:
    """Replace *old* by *new* in the definition of the function, as the search role that owns it."""
    connection = op.get_bind()
    definition = connection.exec_driver_sql("SELECT pg_get_functiondef('search_cases'::regproc)").scalar_one()
    if old not in definition:
        raise RuntimeError(f"search_cases does not hold {old}")
    op.execute("GRANT CREATE ON SCHEMA public TO parley_search")
    op.execute("SET LOCAL ROLE parley_search")
    connection.exec_driver_sql(definition.replace(old, new).replace("%", "%%"))
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM parley_search")


def upgrade() -> None:
    _in_search_cases(PARSED, GIVEN)
    # Without rewriting the table: every row there is now is marked, and what is written from now on is not.
    op.add_column("search_documents", sa.Column("stale", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.alter_column("search_documents", "stale", server_default=sa.false())
    op.create_index(
        "ix_search_documents_stale", "search_documents", ["provider_id", "case_id"], postgresql_where="stale"
    )
    op.execute(PLANNED)


def downgrade() -> None:
    op.execute("DELETE FROM due_work WHERE kind = 'search_rebuild'")
    op.drop_index("ix_search_documents_stale", "search_documents")
    op.drop_column("search_documents", "stale")
    _in_search_cases(GIVEN, PARSED)
