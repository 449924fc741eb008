"""Ways out that do not work, and mails that became old while they waited."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_2212"
down_revision = "2026_11_29_2211"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND {STAFF}"


def upgrade() -> None:
    op.create_table(
        "sending_faults",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_sending_faults_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "mailbox_id"],
            ["mailboxes.provider_id", "mailboxes.id"],
            name=op.f("fk_sending_faults_provider_id_mailbox_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_faults")),
        sa.UniqueConstraint(
            "provider_id",
            "mailbox_id",
            name=op.f("uq_sending_faults_provider_id_mailbox_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.execute("ALTER TABLE sending_faults ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE sending_faults FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON sending_faults USING ({CONDITION}) WITH CHECK ({CONDITION})")
    op.add_column("outgoing_mails", sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute("ALTER TABLE outgoing_mails NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE outgoing_mails SET state = 'dead' WHERE state = 'held'")
    op.execute("ALTER TABLE outgoing_mails FORCE ROW LEVEL SECURITY")
    op.drop_column("outgoing_mails", "released_at")
    op.drop_table("sending_faults")
