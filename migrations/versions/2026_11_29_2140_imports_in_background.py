"""Imports of people say how far a worker is with them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_2140"
down_revision = "2026_11_29_2130"
branch_labels = None
depends_on = None
STATES = "state IN ('planning', 'ready', 'importing', 'inviting', 'done')"


def upgrade() -> None:
    op.add_column("import_drafts", sa.Column("state", sa.String(40), server_default="ready", nullable=False))
    op.execute("UPDATE import_drafts SET state = 'done' WHERE imported_at IS NOT NULL")
    op.create_check_constraint(op.f("ck_import_drafts_state"), "import_drafts", STATES)
    for name in ("cursor", "total"):
        op.add_column("import_drafts", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in ("invite", "outdated"):
        op.add_column("import_drafts", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    for name in ("outdated", "invite", "total", "cursor", "state"):
        op.drop_column("import_drafts", name)
