"""Time that staff worked on cases, timers, and whether a provider writes time down."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_1131"
down_revision = "2026_12_01_1125"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
POLICY = f"{PROVIDER} AND {SIDE} IN ('staff', 'system')"


def upgrade() -> None:
    op.add_column("providers", sa.Column("records_time", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_table(
        "time_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_time_entries_minutes")),
        *_keys("time_entries"),
    )
    op.create_index("ix_time_entries_case", "time_entries", ["case_id", "worked_on", "id"])
    op.create_index("ix_time_entries_provider", "time_entries", ["provider_id", "worked_on", "id"])
    op.create_index("ix_time_entries_account", "time_entries", ["account_id", "worked_on", "id"])
    op.create_index("ix_time_entries_staff", "time_entries", ["staff_id", "worked_on", "id"])
    op.create_index(
        "ix_time_entries_once",
        "time_entries",
        ["staff_id", "once"],
        unique=True,
        postgresql_where=sa.text("once IS NOT NULL"),
    )
    op.create_table(
        "case_timers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seconds BETWEEN 0 AND 86400", name=op.f("ck_case_timers_seconds")),
        *_keys("case_timers"),
        sa.UniqueConstraint("case_id", "staff_id", name=op.f("uq_case_timers_case_id_staff_id")),
    )
    op.create_index(
        "ix_case_timers_running",
        "case_timers",
        ["staff_id"],
        unique=True,
        postgresql_where=sa.text("started_at IS NOT NULL"),
    )
    op.create_index("ix_case_timers_staff", "case_timers", ["staff_id", "case_id"])
    for table in ("time_entries", "case_timers"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({POLICY}) WITH CHECK ({POLICY})")


def _keys(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f(f"fk_{table}_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "staff_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f(f"fk_{table}_provider_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for table in ("case_timers", "time_entries"):
        op.execute(f"DROP POLICY tenant ON {table}")
        op.drop_table(table)
    op.drop_column("providers", "records_time")
