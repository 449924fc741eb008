"""Search finds the answers of the community: their tokens stand beside them."""

from alembic import op

revision = "2026_11_30_1907"
down_revision = "2026_11_30_1838"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE community_posts ADD COLUMN words tsvector NOT NULL DEFAULT ''")
    # Whole words only; a corrected answer gets the tokens of the portal.
    op.execute("ALTER TABLE community_posts NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE community_posts SET words = to_tsvector('simple', lower(left(body, 10000))) WHERE NOT opens")
    op.execute("ALTER TABLE community_posts FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE community_posts ALTER COLUMN words DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE community_posts DROP COLUMN words")
