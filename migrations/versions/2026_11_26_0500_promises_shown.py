"""What customers read of promises: a setting of each provider."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0500"
down_revision = "2026_11_26_0400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("providers", sa.Column("promises_shown", sa.String(40), nullable=False, server_default="dates"))
    op.create_check_constraint(
        op.f("ck_providers_promises_shown"), "providers", "promises_shown IN ('dates', 'state', 'nothing')"
    )


def downgrade() -> None:
    op.drop_column("providers", "promises_shown")
