"""From whom mails about the cases of an account come."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_2211"
down_revision = "2026_11_29_2140"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND {STAFF}"


def upgrade() -> None:
    op.create_table(
        "account_senders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "mailbox_id"],
            ["mailboxes.provider_id", "mailboxes.id"],
            name=op.f("fk_account_senders_provider_id_mailbox_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_account_senders_provider_id_organization_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_senders")),
        sa.UniqueConstraint("provider_id", "account_id", name=op.f("uq_account_senders_provider_id_account_id")),
    )
    op.create_index(
        "ix_account_senders_mailbox",
        "account_senders",
        ["mailbox_id"],
        postgresql_where=sa.text("mailbox_id IS NOT NULL"),
    )
    op.execute("ALTER TABLE account_senders ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE account_senders FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON account_senders USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("account_senders")
