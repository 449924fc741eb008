"""Canned replies, and how often each person used one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_30_1843"
down_revision = "2026_11_30_1907"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
HOUSE = f"{SIDE} IN ('staff', 'system')"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
POLICIES = {
    "canned_replies": f"{PROVIDER} AND {HOUSE} AND (owner_id IS NULL OR owner_id = {USER} OR {SIDE} = 'system')",
    "canned_reply_uses": f"{PROVIDER} AND {HOUSE} AND reply_id IN (SELECT c.id FROM canned_replies c)",
}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.Column("hold_days", sa.SmallInteger(), nullable=True),
        sa.Column("how_to_check", sa.Text(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=True),
        sa.Column("severity_reason", sa.Text(), nullable=False),
        sa.Column("takes", sa.Boolean(), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('', 'waiting', 'in_progress', 'on_hold', 'resolved')", name=op.f("ck_canned_replies_status")
        ),
        sa.CheckConstraint("hold_days BETWEEN 1 AND 365", name=op.f("ck_canned_replies_hold_days")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_canned_replies_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "owner_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_canned_replies_provider_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "department_id"],
            ["departments.provider_id", "departments.id"],
            name=op.f("fk_canned_replies_provider_id_department_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_canned_replies_provider_id_id")),
    )
    op.create_index("ix_canned_replies_owner", "canned_replies", ["provider_id", "owner_id"])
    op.create_table(
        "canned_reply_uses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("last_used_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "reply_id"],
            ["canned_replies.provider_id", "canned_replies.id"],
            name=op.f("fk_canned_reply_uses_provider_id_reply_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_canned_reply_uses_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply_uses")),
        sa.UniqueConstraint("reply_id", "user_id", name=op.f("uq_canned_reply_uses_reply_id_user_id")),
    )
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")


def downgrade() -> None:
    for table in ("canned_reply_uses", "canned_replies"):
        op.execute(f"DROP POLICY tenant ON {table}")
        op.drop_table(table)
