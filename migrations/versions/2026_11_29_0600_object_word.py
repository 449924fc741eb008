"""A provider chooses what a case is called: case, ticket or request."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_0600"
down_revision = "2026_11_29_0500"
branch_labels = None
depends_on = None

CHECK = "object_word IN ('case', 'ticket', 'request')"


def upgrade() -> None:
    op.add_column("providers", sa.Column("object_word", sa.String(40), server_default="case", nullable=False))
    op.create_check_constraint(op.f("ck_providers_object_word"), "providers", CHECK)


def downgrade() -> None:
    op.drop_column("providers", "object_word")
