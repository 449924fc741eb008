"""Single sign-on: ways to sign in by OpenID Connect, domains of organizations, and linked sign-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_2115"
down_revision = "2026_11_29_1740"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
BY_ORGANIZATION = f"{PROVIDER} AND ({STAFF} OR organization_id = ANY({ORGANIZATIONS}))"
BY_PERSON = f"{PROVIDER} AND (user_id = {USER} OR {STAFF})"
POLICIES = {
    "sign_in_ways": BY_ORGANIZATION,
    "organization_domains": BY_ORGANIZATION,
    "linked_sign_ins": BY_PERSON,
}


def upgrade() -> None:
    op.add_column("browser_sessions", sa.Column("method", sa.String(40), server_default="", nullable=False))
    op.create_table(
        "sign_in_ways",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column("authorize_origin", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("enforced", sa.Boolean(), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('google', 'microsoft', 'openid')", name=op.f("ck_sign_in_ways_kind")),
        sa.CheckConstraint("NOT enforced OR organization_id IS NOT NULL", name=op.f("ck_sign_in_ways_enforced")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_sign_in_ways_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_sign_in_ways_provider_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_ways")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sign_in_ways_provider_id_id")),
        sa.UniqueConstraint("provider_id", "name", name=op.f("uq_sign_in_ways_provider_id_name")),
    )
    op.create_index("ix_sign_in_ways_organization", "sign_in_ways", ["organization_id"])
    op.create_table(
        "organization_domains",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("value", sa.String(253), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'microsoft')", name=op.f("ck_organization_domains_kind")),
        sa.CheckConstraint("role IN ('requester', 'member', 'coordinator')", name=op.f("ck_organization_domains_role")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_organization_domains_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_organization_domains_provider_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_organization_domains_provider_id_organization_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_domains")),
        sa.UniqueConstraint(
            "provider_id", "kind", "value", name=op.f("uq_organization_domains_provider_id_kind_value")
        ),
    )
    op.create_index("ix_organization_domains_organization", "organization_domains", ["organization_id"])
    op.create_table(
        "linked_sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("way_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("sids", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_linked_sign_ins_provider_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "way_id"],
            ["sign_in_ways.provider_id", "sign_in_ways.id"],
            name=op.f("fk_linked_sign_ins_provider_id_way_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_sign_ins")),
        sa.UniqueConstraint(
            "provider_id", "issuer", "subject", name=op.f("uq_linked_sign_ins_provider_id_issuer_subject")
        ),
    )
    op.create_index("ix_linked_sign_ins_user", "linked_sign_ins", ["user_id"])
    op.create_index("ix_linked_sign_ins_way", "linked_sign_ins", ["way_id"])
    op.create_index(
        "ix_linked_sign_ins_waiting",
        "linked_sign_ins",
        ["provider_id", "linked_at"],
        postgresql_where=sa.text("waiting"),
    )
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")


def downgrade() -> None:
    for table in reversed(POLICIES):
        op.drop_table(table)
    op.drop_column("browser_sessions", "method")
