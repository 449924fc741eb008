"""A new address waits at its person until it is proved."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1300"
down_revision = "2026_11_29_1240"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("new_email", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("users", "new_email")
