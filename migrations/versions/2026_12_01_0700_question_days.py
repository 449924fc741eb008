"""Days after a question: reminders, and the proposal to resolve; of the provider and, where it differs, of an account."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0700"
down_revision = "2026_12_01_0610"
branch_labels = None
depends_on = None

DAYS = (("first_reminder_days", "3"), ("second_reminder_days", "7"), ("proposal_days", "14"))


def upgrade() -> None:
    for name, days in DAYS:
        op.add_column("providers", sa.Column(name, sa.SmallInteger(), nullable=False, server_default=days))
        op.add_column("accounts", sa.Column(name, sa.SmallInteger(), nullable=True))
    rule = " AND ".join(f"{name} BETWEEN 0 AND 365" for name, _days in DAYS)
    for table in ("providers", "accounts"):
        op.create_check_constraint(op.f(f"ck_{table}_question_days"), table, rule)


def downgrade() -> None:
    for table in ("providers", "accounts"):
        for name, _days in DAYS:
            op.drop_column(table, name)
