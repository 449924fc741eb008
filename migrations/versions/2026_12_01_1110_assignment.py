"""How new cases of a department find an owner, and when each member got one last."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_1110"
down_revision = "2026_12_01_1100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("departments", sa.Column("assignment", sa.String(40), nullable=False, server_default="by_hand"))
    op.alter_column("departments", "assignment", server_default=None)
    op.add_column("departments", sa.Column("most_open", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_departments_assignment"), "departments", "assignment IN ('by_hand', 'by_turn', 'fewest_open')"
    )
    op.create_check_constraint(op.f("ck_departments_most_open"), "departments", "most_open BETWEEN 1 AND 999")
    op.add_column("staff_departments", sa.Column("served_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("staff_departments", "served_at")
    op.drop_constraint(op.f("ck_departments_most_open"), "departments")
    op.drop_constraint(op.f("ck_departments_assignment"), "departments")
    op.drop_column("departments", "most_open")
    op.drop_column("departments", "assignment")
