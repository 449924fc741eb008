"""Cases that people put aside until a moment."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_1121"
down_revision = "2026_12_01_1110"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
POLICY = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def upgrade() -> None:
    op.create_table(
        "case_snoozes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snoozed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("woken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.CheckConstraint("why IN ('', 'due', 'replied', 'assigned')", name=op.f("ck_case_snoozes_why")),
        sa.CheckConstraint("(woken_at IS NULL) = (why = '')", name=op.f("ck_case_snoozes_woken")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_case_snoozes_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_case_snoozes_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_snoozes")),
        sa.UniqueConstraint("case_id", "user_id", name=op.f("uq_case_snoozes_case_id_user_id")),
    )
    op.create_index("ix_case_snoozes_user", "case_snoozes", ["user_id", "case_id"])
    op.execute("ALTER TABLE case_snoozes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_snoozes FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON case_snoozes USING ({POLICY}) WITH CHECK ({POLICY})")


def downgrade() -> None:
    op.execute("DROP POLICY tenant ON case_snoozes")
    op.drop_table("case_snoozes")
