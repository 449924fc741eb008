"""Find the events of a provider that are about no case without reading those that are."""

from alembic import op

revision = "2026_11_29_1310"
down_revision = "2026_11_29_1300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_events_without_case", "events", ["provider_id", "name", "id"], postgresql_where="case_id IS NULL"
    )


def downgrade() -> None:
    op.drop_index("ix_events_without_case", "events")
