"""Tokens with which identity providers add and remove the people of an organization, and what they call them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0220"
down_revision = "2026_11_30_0145"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND {STAFF}"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "scim_clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_used_at", moment, nullable=True),
        sa.CheckConstraint("role IN ('requester', 'member', 'coordinator')", name=op.f("ck_scim_clients_role")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_scim_clients_provider_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_scim_clients_provider_id_organization_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_clients")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_scim_clients_organization_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_scim_clients_token_hash")),
    )
    op.create_table(
        "scim_people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(255), server_default="", nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("removed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
            name=op.f("fk_scim_people_provider_id_organization_id_contact_id_user_id"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_people")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_scim_people_contact_id")),
    )
    op.create_index("ix_scim_people_external", "scim_people", ["organization_id", "external_id"])
    for table in ("scim_clients", "scim_people"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("scim_people")
    op.drop_table("scim_clients")
