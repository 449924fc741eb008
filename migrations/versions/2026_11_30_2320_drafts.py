"""Drafts of forms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_30_2320"
down_revision = "2026_11_30_2205"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
POLICY = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("side IN ('portal', 'desk')", name=op.f("ck_drafts_side")),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"], ["users.provider_id", "users.id"], name=op.f("fk_drafts_provider_id_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("provider_id", "user_id", "path", name=op.f("uq_drafts_provider_id_user_id_path")),
    )
    op.create_index("ix_drafts_updated_at", "drafts", ["provider_id", "updated_at"])
    op.execute("ALTER TABLE drafts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE drafts FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON drafts USING ({POLICY}) WITH CHECK ({POLICY})")


def downgrade() -> None:
    op.execute("DROP POLICY tenant ON drafts")
    op.drop_table("drafts")
