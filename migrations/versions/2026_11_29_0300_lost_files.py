"""An unsent form says which of its files could not be kept, and why."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_0300"
down_revision = "2026_11_29_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "unsent_forms",
        sa.Column("lost_files", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("unsent_forms", "lost_files")
