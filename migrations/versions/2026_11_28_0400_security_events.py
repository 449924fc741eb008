"""Security events: tries and changes that the administrators of a provider look at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_28_0400"
down_revision = "2026_11_28_0300"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND {SIDE} IN ('staff', 'system')"


def upgrade() -> None:
    op.create_table(
        "security_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_security_events"),
        sa.UniqueConstraint("provider_id", "kind", "hour", "key", name="uq_security_events_provider_id_kind_hour_key"),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name="fk_security_events_provider_id"),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name="fk_security_events_provider_id_user_id",
        ),
    )
    op.create_index("ix_security_events_latest", "security_events", ["provider_id", "last_at", "id"])
    op.execute("ALTER TABLE security_events ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE security_events FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON security_events USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("security_events")
