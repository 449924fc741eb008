"""Mailboxes are read by IMAP: their servers and how far they were read, and tests that send a mail out and back."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1130"
down_revision = "2026_11_29_1100"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND {STAFF}"


# A mailbox that works already needs no test.
PROVEN = """
    ALTER TABLE mailboxes NO FORCE ROW LEVEL SECURITY;
    UPDATE mailboxes SET proven_at = created_at;
    ALTER TABLE mailboxes FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(PROVEN)
    op.create_table(
        "mailbox_connections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("imap_url", sa.Text(), nullable=False),
        sa.Column("smtp_url", sa.Text(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("first_uid", sa.BigInteger(), nullable=False),
        sa.Column("stalled", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=False),
        sa.Column("failure_words", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "mailbox_id"],
            ["mailboxes.provider_id", "mailboxes.id"],
            name=op.f("fk_mailbox_connections_provider_id_mailbox_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_connections")),
        sa.UniqueConstraint("provider_id", "mailbox_id", name=op.f("uq_mailbox_connections_provider_id_mailbox_id")),
    )
    op.create_table(
        "mailbox_tests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_step", sa.String(length=40), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=False),
        sa.Column("failure_words", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'returned', 'failed')", name=op.f("ck_mailbox_tests_state")),
        sa.ForeignKeyConstraint(
            ["provider_id", "mailbox_id"],
            ["mailboxes.provider_id", "mailboxes.id"],
            name=op.f("fk_mailbox_tests_provider_id_mailbox_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_tests")),
    )
    op.create_index("ix_mailbox_tests_newest", "mailbox_tests", ["provider_id", "mailbox_id", "id"])
    op.create_index(
        "ix_mailbox_tests_open",
        "mailbox_tests",
        ["provider_id"],
        postgresql_where=sa.text("state IN ('waiting', 'sent')"),
    )
    for table in ("mailbox_connections", "mailbox_tests"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    for table in ("mailbox_tests", "mailbox_connections"):
        op.drop_table(table)
    op.drop_column("mailboxes", "proven_at")
