"""What people said about help articles."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1040"
down_revision = "2026_11_30_1030"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND ({STAFF} OR user_id = {USER})"


def upgrade() -> None:
    op.create_table(
        "help_votes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "article_id"],
            ["help_articles.provider_id", "help_articles.id"],
            name=op.f("fk_help_votes_provider_id_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_help_votes_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_votes")),
        sa.UniqueConstraint("article_id", "user_id", name=op.f("uq_help_votes_article_id_user_id")),
    )
    op.execute("ALTER TABLE help_votes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE help_votes FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON help_votes USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("help_votes")
