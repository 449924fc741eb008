"""Queues are in the order of the nearest promise: each case has its due time, and the queues' indexes begin with it."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_0400"
down_revision = "2026_11_29_0300"
branch_labels = None
depends_on = None

ACTIVE = "state NOT IN ('resolved', 'closed')"
# The queues' indexes: what stands before the order, and which cases they hold.
QUEUES = {
    "ix_cases_provider_queue": (["provider_id"], "state <> 'closed'"),
    "ix_cases_provider_state": (["provider_id", "state"], ACTIVE),
    "ix_cases_new": (["provider_id"], "state = 'new'"),
    "ix_cases_unassigned": (["provider_id"], f"owner_id IS NULL AND {ACTIVE}"),
    "ix_cases_customer_replied": (
        ["provider_id"],
        f"last_word = 'customer' AND first_answer_at IS NOT NULL AND {ACTIVE}",
    ),
    "ix_cases_escalated": (["provider_id"], f"tier > 1 AND {ACTIVE}"),
}
ORDER = ["severity", "updated_at", "id"]
# Whoever writes where the promises of a case stand has the case follow, in the same statement.
FOLLOW = """
CREATE FUNCTION follow_due_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cases SET due_at = NEW.next_due_at WHERE id = NEW.case_id AND due_at IS DISTINCT FROM NEW.next_due_at;
  RETURN NULL;
END $$
"""
TRIGGERS = (
    "CREATE TRIGGER follow_first_due_time AFTER INSERT ON sla_standings FOR EACH ROW"
    " WHEN (NEW.next_due_at IS NOT NULL) EXECUTE FUNCTION follow_due_time()",
    "CREATE TRIGGER follow_due_time AFTER UPDATE OF next_due_at ON sla_standings FOR EACH ROW"
    " WHEN (NEW.next_due_at IS DISTINCT FROM OLD.next_due_at) EXECUTE FUNCTION follow_due_time()",
)
# The owner of the tables is bound by the policies too.
TABLES = ("cases", "sla_standings")
COPY = (
    "UPDATE cases c SET due_at = s.next_due_at FROM sla_standings s"
    " WHERE s.case_id = c.id AND s.next_due_at IS NOT NULL"
)


def upgrade() -> None:
    op.add_column("cases", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(COPY)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(FOLLOW)
    for trigger in TRIGGERS:
        op.execute(trigger)
    make_indexes(["due_at", *ORDER])


def downgrade() -> None:
    op.execute("DROP TRIGGER follow_due_time ON sla_standings")
    op.execute("DROP TRIGGER follow_first_due_time ON sla_standings")
    op.execute("DROP FUNCTION follow_due_time")
    make_indexes(ORDER)
    op.drop_column("cases", "due_at")


def make_indexes(order: list[str]) -> None:
    """Make the indexes of the queues anew, in *order*."""
    for name, (before, held) in QUEUES.items():
        op.drop_index(name, table_name="cases")
        op.create_index(name, "cases", [*before, *order], postgresql_where=sa.text(held))
