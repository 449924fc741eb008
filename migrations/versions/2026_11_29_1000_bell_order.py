"""The lines of the bell are read in their order: unread before read, the newest first."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1000"
down_revision = "2026_11_29_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_notifications_bell",
        "notifications",
        ["user_id", "side", sa.text("(read_at IS NOT NULL)"), sa.text("id DESC")],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_notifications_bell", table_name="notifications")
