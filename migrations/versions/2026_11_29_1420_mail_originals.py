"""Originals of mails have an end: the row says since when there is none."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1420"
down_revision = "2026_11_29_1410"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound_mails", sa.Column("original_deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_inbound_mails_originals",
        "inbound_mails",
        ["provider_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("original_deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_inbound_mails_originals", table_name="inbound_mails")
    op.drop_column("inbound_mails", "original_deleted_at")
