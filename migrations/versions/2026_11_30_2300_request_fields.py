"""Request types have fields of their own, and cases the answers; a type is offered to some accounts or roles only."""

from alembic import op

revision = "2026_11_30_2300"
down_revision = "2026_11_30_2320"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE request_types ADD COLUMN own_fields jsonb NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE request_types ADD COLUMN only_roles jsonb NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE request_types ADD COLUMN only_accounts jsonb NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE cases ADD COLUMN answers jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE cases DROP COLUMN answers")
    for column in ("only_accounts", "only_roles", "own_fields"):
        op.execute(f"ALTER TABLE request_types DROP COLUMN {column}")
