"""Devices to which notifications are pushed."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_2240"
down_revision = "2026_11_30_2310"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
OWN = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"
TABLES = ("push_devices", "push_choices")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "push_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.String(length=1000), nullable=False),
        sa.Column("p256dh", sa.String(length=100), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("pushed_id", sa.Uuid(), nullable=True),
        sa.Column("failed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_push_devices_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_devices")),
        sa.UniqueConstraint("provider_id", "endpoint", name=op.f("uq_push_devices_provider_id_endpoint")),
    )
    op.create_index("ix_push_devices_user", "push_devices", ["user_id"])
    op.create_index("ix_push_devices_seen", "push_devices", ["provider_id", "seen_at"])
    op.create_table(
        "push_choices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("pushed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_push_choices_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_choices")),
        sa.UniqueConstraint("provider_id", "user_id", "topic", name=op.f("uq_push_choices_provider_id_user_id_topic")),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP POLICY tenant ON {table}")
        op.drop_table(table)
