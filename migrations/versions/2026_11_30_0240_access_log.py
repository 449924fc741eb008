"""Sign-ins and changes of access by organization, and the journal of the access of staff to private cases."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0240"
down_revision = "2026_11_30_0220"
branch_labels = None
depends_on = None

PROVIDER = "(SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
BY_STAFF = f"provider_id = {PROVIDER} AND {STAFF}"
BY_ORGANIZATION = f"provider_id = {PROVIDER} AND ({STAFF} OR organization_id = ANY({ORGANIZATIONS}))"
PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]
PERSON = ["users.provider_id", "users.id"]


def upgrade() -> None:
    op.add_column("security_events", sa.Column("organization_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_security_events_organization",
        "security_events",
        ["organization_id", "last_at", "id"],
        postgresql_where=sa.text("organization_id IS NOT NULL"),
    )
    # What was stored about an organization names it among its facts.
    op.execute(
        "UPDATE security_events SET organization_id = (facts ->> 'organization')::uuid"
        " WHERE facts ->> 'organization' IS NOT NULL"
    )
    op.execute("DROP POLICY tenant ON security_events")
    op.execute(f"CREATE POLICY tenant ON security_events USING ({BY_ORGANIZATION}) WITH CHECK ({BY_ORGANIZATION})")
    op.create_table(
        "staff_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('read', 'file', 'as_customer')", name=op.f("ck_staff_access_kind")),
        sa.CheckConstraint("relation IN ('owner', 'department', 'account')", name=op.f("ck_staff_access_relation")),
        sa.ForeignKeyConstraint(
            PLACE, CASE, name=op.f("fk_staff_access_provider_id_organization_id_account_id_case_id")
        ),
        sa.ForeignKeyConstraint(["provider_id", "user_id"], PERSON, name=op.f("fk_staff_access_provider_id_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_access")),
        sa.UniqueConstraint(
            "provider_id",
            "case_id",
            "user_id",
            "kind",
            "day",
            name=op.f("uq_staff_access_provider_id_case_id_user_id_kind_day"),
        ),
    )
    op.create_index("ix_staff_access_latest", "staff_access", ["organization_id", "last_at", "id"])
    op.create_index("ix_staff_access_provider", "staff_access", ["provider_id", "last_at"])
    op.execute("ALTER TABLE staff_access ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE staff_access FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON staff_access USING ({BY_ORGANIZATION}) WITH CHECK ({BY_ORGANIZATION})")


def downgrade() -> None:
    op.drop_table("staff_access")
    op.execute("DROP POLICY tenant ON security_events")
    op.execute(f"CREATE POLICY tenant ON security_events USING ({BY_STAFF}) WITH CHECK ({BY_STAFF})")
    op.drop_index("ix_security_events_organization", table_name="security_events")
    op.drop_column("security_events", "organization_id")
