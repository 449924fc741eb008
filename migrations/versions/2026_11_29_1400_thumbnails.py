"""Thumbnails of pictures; those that are there already are drawn by the worker."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1400"
down_revision = "2026_11_29_1310"
branch_labels = None
depends_on = None

PLAN_THUMBNAILS = """
    INSERT INTO due_work (provider_id, kind, id, due_at, attempts)
    SELECT provider_id, 'thumbnail', id, now(), 0 FROM attachments
    WHERE media_type IN ('image/png', 'image/jpeg', 'image/gif', 'image/webp')
    ON CONFLICT DO NOTHING"""


def upgrade() -> None:
    op.add_column("attachments", sa.Column("thumbnail_width", sa.SmallInteger()))
    op.add_column("attachments", sa.Column("thumbnail_height", sa.SmallInteger()))
    op.create_check_constraint(
        op.f("ck_attachments_thumbnail"), "attachments", "num_nulls(thumbnail_width, thumbnail_height) <> 1"
    )
    op.execute(PLAN_THUMBNAILS)


def downgrade() -> None:
    op.execute("DELETE FROM due_work WHERE kind = 'thumbnail'")
    op.drop_constraint(op.f("ck_attachments_thumbnail"), "attachments")
    op.drop_column("attachments", "thumbnail_height")
    op.drop_column("attachments", "thumbnail_width")
