"""Pictures in help articles."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_2205"
down_revision = "2026_11_30_1843"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
PUBLISHED = "shown AND article_id IN (SELECT a.id FROM help_articles a WHERE a.state = 'published')"
CONDITION = f"{PROVIDER} AND ({HOUSE} OR {PUBLISHED})"


def upgrade() -> None:
    op.create_table(
        "help_pictures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "article_id"],
            ["help_articles.provider_id", "help_articles.id"],
            name=op.f("fk_help_pictures_provider_id_article_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_pictures")),
        sa.UniqueConstraint("article_id", "key", name=op.f("uq_help_pictures_article_id_key")),
    )
    op.create_index("ix_help_pictures_provider", "help_pictures", ["provider_id", "article_id"])
    op.execute("ALTER TABLE help_pictures ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE help_pictures FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON help_pictures USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.execute("DROP POLICY tenant ON help_pictures")
    op.drop_table("help_pictures")
