"""The workaround of a case: which public message is pinned."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1415"
down_revision = "2026_11_30_1405"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("workaround_position", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "workaround_position")
