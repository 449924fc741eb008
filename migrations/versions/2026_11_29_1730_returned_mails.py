"""Mails know when a server sent them back, and by which report."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1730"
down_revision = "2026_11_29_1710"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outgoing_mails", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outgoing_mails", sa.Column("returned_by_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("outgoing_mails", "returned_by_id")
    op.drop_column("outgoing_mails", "returned_at")
