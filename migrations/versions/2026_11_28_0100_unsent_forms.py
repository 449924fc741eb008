"""Forms that came after a session had ended are kept for their person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_28_0100"
down_revision = "2026_11_26_0700"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def upgrade() -> None:
    op.create_table(
        "unsent_forms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_unsent_forms_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsent_forms")),
    )
    op.create_index("ix_unsent_forms_user", "unsent_forms", ["user_id", "expires_at"])
    op.execute("ALTER TABLE unsent_forms ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE unsent_forms FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON unsent_forms USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("unsent_forms")
