"""A severity floor of accounts, beside that of people."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_0200"
down_revision = "2026_11_29_0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("severity_floor", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_accounts_severity_floor"), "accounts", "severity_floor BETWEEN 1 AND 4")


def downgrade() -> None:
    op.drop_column("accounts", "severity_floor")
