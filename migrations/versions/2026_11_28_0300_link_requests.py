"""Links by mail are asked for in writing, and answered by the worker."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_0300"
down_revision = "2026_11_28_0200"
branch_labels = None
depends_on = None

PROVIDER = "(SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "link_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entitled", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_link_requests"),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name="fk_link_requests_provider_id"),
    )
    op.execute("ALTER TABLE link_requests ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE link_requests FORCE ROW LEVEL SECURITY")
    where = f"provider_id = {PROVIDER}"
    op.execute(f"CREATE POLICY tenant ON link_requests USING ({where}) WITH CHECK ({where})")


def downgrade() -> None:
    op.drop_table("link_requests")
