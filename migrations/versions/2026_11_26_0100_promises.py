"""Promises: calendars, policies, clocks with their segments, escalations."""

revision = "2026_11_26_0100"
down_revision = "2026_11_21_2100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
