"""Mailboxes sign in by OAuth, and are read and sent by Microsoft Graph: their tokens, and the name of each message."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1710"
down_revision = "2026_11_29_1700"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND {STAFF}"

# Each column of a connection with what it is for those that exist.
COLUMNS = (
    ("sign_in", sa.String(length=40), "password"),
    ("protocol", sa.String(length=40), "imap"),
    ("tenant", sa.Text(), ""),
    ("client_id", sa.Text(), ""),
    ("changes_link", sa.Text(), ""),
)


def upgrade() -> None:
    for name, kind, value in COLUMNS:
        op.add_column("mailbox_connections", sa.Column(name, kind, nullable=False, server_default=value))
        op.alter_column("mailbox_connections", name, server_default=None)
    op.add_column("mailbox_connections", sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_mailbox_connections_sign_in"),
        "mailbox_connections",
        "sign_in IN ('password', 'microsoft', 'microsoft_app', 'google')",
    )
    op.create_check_constraint(
        op.f("ck_mailbox_connections_protocol"), "mailbox_connections", "protocol IN ('imap', 'graph')"
    )
    op.create_table(
        "mailbox_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "mailbox_id"],
            ["mailboxes.provider_id", "mailboxes.id"],
            name=op.f("fk_mailbox_tokens_provider_id_mailbox_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_tokens")),
        sa.UniqueConstraint("provider_id", "mailbox_id", name=op.f("uq_mailbox_tokens_provider_id_mailbox_id")),
    )
    op.execute("ALTER TABLE mailbox_tokens ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE mailbox_tokens FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON mailbox_tokens USING ({CONDITION}) WITH CHECK ({CONDITION})")
    op.add_column("inbound_mails", sa.Column("external_id", sa.String(length=64), nullable=True))
    op.create_index(
        "ux_inbound_mails_external",
        "inbound_mails",
        ["provider_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ux_inbound_mails_external", "inbound_mails")
    op.drop_column("inbound_mails", "external_id")
    op.drop_table("mailbox_tokens")
    op.execute("ALTER TABLE mailbox_connections NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM mailbox_connections WHERE sign_in <> 'password'")
    op.execute("ALTER TABLE mailbox_connections FORCE ROW LEVEL SECURITY")
    for name in ("protocol", "sign_in"):
        op.drop_constraint(op.f(f"ck_mailbox_connections_{name}"), "mailbox_connections")
    op.drop_column("mailbox_connections", "began_at")
    for name, _kind, _value in COLUMNS:
        op.drop_column("mailbox_connections", name)
