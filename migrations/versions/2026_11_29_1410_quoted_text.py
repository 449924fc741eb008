"""What was folded of a mail is kept with the message, or the case, that it became."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1410"
down_revision = "2026_11_29_1400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("quoted", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("quoted", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "quoted")
    op.drop_column("messages", "quoted")
