"""Replies that wait ten seconds, and who wants that."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_12_01_1050"
down_revision = "2026_12_01_1020"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
POLICY = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def upgrade() -> None:
    op.add_column("users", sa.Column("delays_replies", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "delayed_replies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("sends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_delayed_replies_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_delayed_replies_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delayed_replies")),
        sa.UniqueConstraint(
            "provider_id",
            "user_id",
            "idempotency_key",
            name=op.f("uq_delayed_replies_provider_id_user_id_idempotency_key"),
        ),
    )
    op.create_index("ix_delayed_replies_case", "delayed_replies", ["case_id", "sends_at"])
    op.execute("ALTER TABLE delayed_replies ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE delayed_replies FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON delayed_replies USING ({POLICY}) WITH CHECK ({POLICY})")


def downgrade() -> None:
    op.execute("DROP POLICY tenant ON delayed_replies")
    op.drop_table("delayed_replies")
    op.drop_column("users", "delays_replies")
