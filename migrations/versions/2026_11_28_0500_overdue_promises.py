"""A promise that is overdue counts as broken while its clock stands still, too."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_0500"
down_revision = "2026_11_28_0400"
branch_labels = None
depends_on = None

# Tables whose rows this migration moves: their owner is bound by the policies too.
TABLES = ("sla_standings", "sla_clocks")
NEAREST = """
    UPDATE sla_standings s SET next_due_at = n.due_at, next_kind = n.kind
    FROM (
      SELECT DISTINCT ON (case_id) case_id, due_at, kind FROM sla_clocks
      WHERE stopped_at IS NULL AND due_at IS NOT NULL ORDER BY case_id, due_at, kind
    ) AS n
    WHERE n.case_id = s.case_id AND s.next_due_at IS DISTINCT FROM n.due_at
"""
RUNNING_ONLY = """
    UPDATE sla_standings s SET next_due_at = n.due_at, next_kind = n.kind
    FROM (
      SELECT k.case_id, r.due_at, r.kind FROM sla_clocks k
      LEFT JOIN LATERAL (
        SELECT due_at, kind FROM sla_clocks
        WHERE case_id = k.case_id AND state = 'running' AND due_at IS NOT NULL ORDER BY due_at, kind LIMIT 1
      ) AS r ON true
      WHERE k.state = 'paused' AND k.due_at IS NOT NULL
    ) AS n
    WHERE n.case_id = s.case_id
"""


def upgrade() -> None:
    op.drop_index("ix_sla_clocks_running", table_name="sla_clocks", postgresql_where="state = 'running'")
    op.create_index(
        "ix_sla_clocks_due", "sla_clocks", ["provider_id", "due_at"], postgresql_where=sa.text("stopped_at IS NULL")
    )
    unforced(NEAREST)


def downgrade() -> None:
    unforced(RUNNING_ONLY)
    op.drop_index("ix_sla_clocks_due", table_name="sla_clocks", postgresql_where="stopped_at IS NULL")
    op.create_index(
        "ix_sla_clocks_running", "sla_clocks", ["provider_id", "due_at"], postgresql_where=sa.text("state = 'running'")
    )


def unforced(*statements: str) -> None:
    """Run *statements* on all rows, as the owner, whom the policies bind otherwise."""
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
