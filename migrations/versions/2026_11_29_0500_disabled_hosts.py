"""The operator closes the portal of a provider, and opens it again."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_0500"
down_revision = "2026_11_29_0400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hosts", sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    op.drop_column("hosts", "enabled")
