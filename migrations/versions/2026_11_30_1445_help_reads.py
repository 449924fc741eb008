"""What customers read of the help articles, and what they searched for and did not find."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1445"
down_revision = "2026_11_30_1440"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
OWN = f"{PROVIDER} AND ({STAFF} OR user_id = {USER})"
CONDITIONS = {
    "help_reads": OWN,
    "help_read_counts": f"{PROVIDER} AND article_id IN (SELECT a.id FROM help_articles a)",
    "help_misses": OWN,
}


def _article(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["provider_id", "article_id"],
        ["help_articles.provider_id", "help_articles.id"],
        name=op.f(f"fk_{table}_provider_id_article_id"),
        ondelete="CASCADE",
    )


def _user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["provider_id", "user_id"], ["users.provider_id", "users.id"], name=op.f(f"fk_{table}_provider_id_user_id")
    )


def upgrade() -> None:
    op.create_table(
        "help_reads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        _article("help_reads"),
        _user("help_reads"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_reads")),
        sa.UniqueConstraint("article_id", "user_id", "read_on", name=op.f("uq_help_reads_article_id_user_id_read_on")),
    )
    op.create_index("ix_help_reads_provider", "help_reads", ["provider_id", "read_at"])
    op.create_table(
        "help_read_counts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        _article("help_read_counts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_read_counts")),
        sa.UniqueConstraint("article_id", "read_on", name=op.f("uq_help_read_counts_article_id_read_on")),
    )
    op.create_index("ix_help_read_counts_provider", "help_read_counts", ["provider_id", "read_on"])
    op.create_table(
        "help_misses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("searched_on", sa.Date(), nullable=False),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=False),
        _user("help_misses"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_misses")),
        sa.UniqueConstraint("user_id", "words", "searched_on", name=op.f("uq_help_misses_user_id_words_searched_on")),
    )
    op.create_index("ix_help_misses_provider", "help_misses", ["provider_id", "searched_at"])
    for table, condition in CONDITIONS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")


def downgrade() -> None:
    for table in CONDITIONS:
        op.drop_table(table)
