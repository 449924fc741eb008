"""The domain of each address, and files by hash, for the check of what belongs to another client."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1700"
down_revision = "2026_11_29_1420"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "addresses",
        sa.Column("domain", sa.Text(), sa.Computed("split_part(email_folded, '@', 2)", persisted=True), nullable=False),
    )
    op.create_index("ix_addresses_domain", "addresses", ["provider_id", "domain"])
    op.create_index(
        "ix_attachments_hash", "attachments", ["provider_id", "sha256"], postgresql_where=sa.text("case_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_attachments_hash", table_name="attachments")
    op.drop_index("ix_addresses_domain", table_name="addresses")
    op.drop_column("addresses", "domain")
