"""Messages that answer another message of their case."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0610"
down_revision = "2026_12_01_0400"
branch_labels = None
depends_on = None

PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
NAME = "fk_messages_in_reply_to"


def upgrade() -> None:
    op.add_column("messages", sa.Column("in_reply_to_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(NAME, "messages", "messages", [*PLACE, "in_reply_to_id"], [*PLACE, "id"])


def downgrade() -> None:
    op.drop_constraint(NAME, "messages", type_="foreignkey")
    op.drop_column("messages", "in_reply_to_id")
