"""Speed: what a hundred thousand cases need of indexes."""

revision = "2026_11_26_0400"
down_revision = "2026_11_26_0300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
