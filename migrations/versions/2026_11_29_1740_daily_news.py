"""Entries of digests say which kind of mail they stand for: alarms, or what comes once a day."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1740"
down_revision = "2026_11_29_1730"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digest_entries", sa.Column("kind", sa.String(40), server_default="alarm", nullable=False))


def downgrade() -> None:
    op.drop_column("digest_entries", "kind")
