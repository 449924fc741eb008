"""Mail arrives: mailboxes, the addresses that lead to them, and every mail with its fate."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_0700"
down_revision = "2026_11_29_0600"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND {STAFF}"
FATES = (*("case", "comment", "quarantine", "auto_reply", "bounce", "feedback_report", "duplicate", "own", "rejected"),)


def upgrade() -> None:
    op.create_table(
        "mail_routes",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_mail_routes")),
    )
    op.create_table(
        "mailboxes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("request_type_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('on', 'off')", name=op.f("ck_mailboxes_state")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_mailboxes_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "department_id"],
            ["departments.provider_id", "departments.id"],
            name=op.f("fk_mailboxes_provider_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "request_type_id"],
            ["request_types.provider_id", "request_types.id"],
            name=op.f("fk_mailboxes_provider_id_request_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailboxes")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_mailboxes_provider_id_id")),
        sa.UniqueConstraint("provider_id", "address", name=op.f("uq_mailboxes_provider_id_address")),
    )
    op.create_table(
        "inbound_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("road", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("sender_email", sa.String(length=254), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_class", sa.String(length=40), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("fate", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by_id", sa.Uuid(), nullable=True),
        sa.Column("handled_as", sa.String(length=40), nullable=False),
        sa.CheckConstraint(f"fate IN ({', '.join(repr(fate) for fate in FATES)})", name=op.f("ck_inbound_mails_fate")),
        sa.ForeignKeyConstraint(
            ["provider_id", "mailbox_id"],
            ["mailboxes.provider_id", "mailboxes.id"],
            name=op.f("fk_inbound_mails_provider_id_mailbox_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_inbound_mails_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_mails")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_inbound_mails_provider_id_id")),
    )
    op.create_index("ix_inbound_mails_newest", "inbound_mails", ["provider_id", "id"])
    op.create_index("ix_inbound_mails_fate", "inbound_mails", ["provider_id", "fate", "id"])
    op.create_index("ix_inbound_mails_message", "inbound_mails", ["provider_id", "message_id"])
    op.create_index("ix_inbound_mails_content", "inbound_mails", ["provider_id", "content_hash"])
    op.create_index("ix_inbound_mails_sender", "inbound_mails", ["provider_id", "sender_email", "received_at"])
    op.create_index(
        "ix_inbound_mails_case", "inbound_mails", ["case_id"], postgresql_where=sa.text("case_id IS NOT NULL")
    )
    for table in ("mailboxes", "inbound_mails"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    for table in ("inbound_mails", "mailboxes", "mail_routes"):
        op.drop_table(table)
