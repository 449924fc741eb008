"""The account in which a person of several accounts opens cases unless they say another."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0140"
down_revision = "2026_11_30_0130"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
OWN = "user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SYSTEM = "(SELECT COALESCE(current_setting('parley.side', true), '')) = 'system'"
CONDITION = f"{PROVIDER} AND ({OWN} OR {SYSTEM})"


def upgrade() -> None:
    op.create_table(
        "default_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_default_accounts_provider_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_default_accounts_provider_id_organization_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_default_accounts")),
        sa.UniqueConstraint("provider_id", "user_id", name=op.f("uq_default_accounts_provider_id_user_id")),
    )
    op.create_index("ix_default_accounts_account", "default_accounts", ["account_id"])
    op.execute("ALTER TABLE default_accounts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE default_accounts FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON default_accounts USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("default_accounts")
