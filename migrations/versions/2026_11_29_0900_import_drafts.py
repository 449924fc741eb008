"""Files of people wait here between their preview and their import."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_0900"
down_revision = "2026_11_29_0800"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def upgrade() -> None:
    op.create_table(
        "import_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("headings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("contact_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_import_drafts_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_drafts")),
    )
    op.create_index("ix_import_drafts_user", "import_drafts", ["user_id", "expires_at"])
    op.execute("ALTER TABLE import_drafts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE import_drafts FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON import_drafts USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("import_drafts")
