"""Pictures of signatures are folded out of the files of a message."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_2130"
down_revision = "2026_11_29_2120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attachments", sa.Column("folded", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("attachments", "folded")
