"""Browsers in which a second factor is not asked for, because it was proved there a short time ago; and the session at
the identity provider that a sign-in came from."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0145"
down_revision = "2026_11_30_0140"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "trusted_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("nonce_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_agent", sa.String(300), server_default="", nullable=False),
        sa.Column("ip", sa.String(64), server_default="", nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_used_at", moment, nullable=True),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_devices")),
        sa.UniqueConstraint(
            "provider_id", "user_id", "nonce_hash", name=op.f("uq_trusted_devices_provider_id_user_id_nonce_hash")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_trusted_devices_provider_id_user_id"),
        ),
    )
    op.add_column("browser_sessions", sa.Column("outside_sid", sa.String(255), server_default="", nullable=False))
    op.execute("ALTER TABLE trusted_devices ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE trusted_devices FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON trusted_devices USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_column("browser_sessions", "outside_sid")
    op.drop_table("trusted_devices")
