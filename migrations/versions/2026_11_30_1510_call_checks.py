"""Two-way checks of phone calls, and the request types that need one."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1510"
down_revision = "2026_11_30_1455"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
POLICIES = {
    "call_checks": f"{PROVIDER} AND ({HOUSE} OR organization_id = ANY({ORGANIZATIONS}) OR user_id = {USER})",
    "checked_request_types": PROVIDER,
}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "call_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("counter_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("staff_typed_at", moment, nullable=True),
        sa.Column("contact_typed_at", moment, nullable=True),
        sa.Column("staff_tries", sa.SmallInteger(), nullable=False),
        sa.Column("contact_tries", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state = 'open' OR state = 'passed' OR state = 'failed' OR state = 'skipped'",
            name=op.f("ck_call_checks_state"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_call_checks_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_call_checks_provider_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "staff_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f("fk_call_checks_provider_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_checks")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_call_checks_provider_id_id")),
    )
    op.create_index("ix_call_checks_case", "call_checks", ["case_id", "id"])
    op.create_table(
        "checked_request_types",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("request_type_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "request_type_id"],
            ["request_types.provider_id", "request_types.id"],
            name=op.f("fk_checked_request_types_provider_id_request_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checked_request_types")),
        sa.UniqueConstraint(
            "provider_id", "request_type_id", name=op.f("uq_checked_request_types_provider_id_request_type_id")
        ),
    )
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")
    op.execute(
        "CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON checked_request_types FOR EACH STATEMENT"
        " EXECUTE FUNCTION stamp_provider()"
    )


def downgrade() -> None:
    op.drop_table("checked_request_types")
    op.drop_table("call_checks")
