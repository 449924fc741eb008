"""Tasks of cases."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0310"
down_revision = "2026_12_01_0510"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
POLICY = f"{PROVIDER} AND {SIDE} IN ('staff', 'system')"


def upgrade() -> None:
    op.create_table(
        "case_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_case_tasks_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "assignee_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f("fk_case_tasks_provider_id_assignee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "done_by_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_case_tasks_provider_id_done_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tasks")),
    )
    op.create_index("ix_case_tasks_case", "case_tasks", ["case_id", "position"])
    op.create_index(
        "ix_case_tasks_assignee",
        "case_tasks",
        ["assignee_id", "due_on"],
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.execute("ALTER TABLE case_tasks ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_tasks FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON case_tasks USING ({POLICY}) WITH CHECK ({POLICY})")


def downgrade() -> None:
    op.execute("DROP POLICY tenant ON case_tasks")
    op.drop_table("case_tasks")
