"""Drop a column that nothing reads and an index that no statement uses."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_2245"
down_revision = "2026_11_29_2150"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # When a draft was prepared: no page shows it.
    op.drop_column("sla_standings", "draft_at")
    # Objections are read by their case, with its own index.
    op.drop_index("ix_sla_objections_open", table_name="sla_objections")


def downgrade() -> None:
    op.create_index(
        "ix_sla_objections_open", "sla_objections", ["provider_id", "made_at"], postgresql_where=sa.text("verdict = ''")
    )
    op.add_column("sla_standings", sa.Column("draft_at", sa.DateTime(timezone=True), nullable=True))
