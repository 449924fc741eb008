"""Groups of identity providers, the roles that they give, and who gave each access row."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0600"
down_revision = "2026_11_30_0240"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND {STAFF}"
ROLES = "role IN ('requester', 'member', 'coordinator', 'organization_admin')"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("contact_access", sa.Column("source", sa.String(40), server_default="hand", nullable=False))
    op.create_check_constraint(
        op.f("ck_contact_access_source"), "contact_access", "source IN ('hand', 'default', 'group')"
    )
    op.create_table(
        "scim_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("external_id", sa.String(255), server_default="", nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_scim_groups_provider_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_groups")),
        sa.UniqueConstraint(
            "provider_id", "organization_id", "id", name=op.f("uq_scim_groups_provider_id_organization_id_id")
        ),
        sa.UniqueConstraint("organization_id", "name_folded", name=op.f("uq_scim_groups_organization_id_name_folded")),
    )
    op.create_table(
        "scim_group_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
            name=op.f("fk_scim_group_members_provider_id_organization_id_contact_id_user_id"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "group_id"],
            ["scim_groups.provider_id", "scim_groups.organization_id", "scim_groups.id"],
            name=op.f("fk_scim_group_members_provider_id_organization_id_group_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_group_members")),
        sa.UniqueConstraint("group_id", "contact_id", name=op.f("uq_scim_group_members_group_id_contact_id")),
    )
    op.create_index("ix_scim_group_members_contact", "scim_group_members", ["contact_id"])
    op.create_table(
        "scim_group_roles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("group_name", sa.String(255), nullable=False),
        sa.Column("group_folded", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.CheckConstraint(ROLES, name=op.f("ck_scim_group_roles_role")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_scim_group_roles_provider_id_organization_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_group_roles")),
        sa.UniqueConstraint(
            "organization_id",
            "group_folded",
            "account_id",
            name=op.f("uq_scim_group_roles_organization_id_group_folded_account_id"),
        ),
    )
    for table in ("scim_groups", "scim_group_members", "scim_group_roles"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("scim_group_roles")
    op.drop_table("scim_group_members")
    op.drop_table("scim_groups")
    op.drop_column("contact_access", "source")
