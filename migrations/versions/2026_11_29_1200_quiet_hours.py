"""The hours in which a person gets no mails that can wait."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1200"
down_revision = "2026_11_29_1130"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def upgrade() -> None:
    op.create_table(
        "quiet_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("begins", sa.SmallInteger(), nullable=False),
        sa.Column("ends", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "begins BETWEEN 0 AND 23 AND ends BETWEEN 0 AND 23 AND begins <> ends", name=op.f("ck_quiet_hours_hours")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_quiet_hours_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiet_hours")),
        sa.UniqueConstraint("provider_id", "user_id", name=op.f("uq_quiet_hours_provider_id_user_id")),
    )
    op.execute("ALTER TABLE quiet_hours ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE quiet_hours FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON quiet_hours USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("quiet_hours")
