"""Presets: status words per language and side, the provider's question, branding, rules of a case's life."""

revision = "2026_11_26_0200"
down_revision = "2026_11_26_0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
