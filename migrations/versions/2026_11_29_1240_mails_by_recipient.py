"""How many mails an address got in the last hour is read by an index."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1240"
down_revision = "2026_11_29_1200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_outgoing_mails_recipient",
        "outgoing_mails",
        ["provider_id", "recipient", "sent_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_outgoing_mails_recipient", table_name="outgoing_mails")
