"""Links to the case that a part of a conversation goes on in."""

from alembic import op

revision = "2026_12_01_1020"
down_revision = "2026_12_01_0310"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('moved_to', 'merged_into', 'follow_up', 'related')"
AFTER = "kind IN ('moved_to', 'merged_into', 'follow_up', 'related', 'split_to')"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_case_links_kind"), "case_links")
    op.create_check_constraint(op.f("ck_case_links_kind"), "case_links", AFTER)


def downgrade() -> None:
    op.execute("DELETE FROM case_links WHERE kind = 'split_to'")
    op.drop_constraint(op.f("ck_case_links_kind"), "case_links")
    op.create_check_constraint(op.f("ck_case_links_kind"), "case_links", BEFORE)
