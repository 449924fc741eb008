"""Call-backs that people asked for, and calls that staff logged."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1421"
down_revision = "2026_11_30_1420"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
POLICIES = {
    "call_backs": f"{PROVIDER} AND ({HOUSE} OR organization_id = ANY({ORGANIZATIONS}) OR user_id = {USER})",
    "calls": f"{PROVIDER} AND {HOUSE}",
}
PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "call_backs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("hotline_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("reminded_at", moment, nullable=True),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state = 'open' OR state = 'done' OR state = 'cancelled'", name=op.f("ck_call_backs_state")),
        sa.ForeignKeyConstraint(PLACE, CASE, name=op.f("fk_call_backs_provider_id_organization_id_account_id_case_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "hotline_id"],
            ["hotlines.provider_id", "hotlines.id"],
            name=op.f("fk_call_backs_provider_id_hotline_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_call_backs_provider_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "owner_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f("fk_call_backs_provider_id_owner_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_call_backs_provider_id_id")),
    )
    still_open = sa.text("state = 'open'")
    op.create_index("ix_call_backs_open", "call_backs", ["provider_id", "due_at", "id"], postgresql_where=still_open)
    op.create_index("ix_call_backs_slots", "call_backs", ["hotline_id", "starts_at"], postgresql_where=still_open)
    op.create_index("ix_call_backs_person", "call_backs", ["user_id", "starts_at"])
    op.create_index("ix_call_backs_case", "call_backs", ["case_id"])
    op.create_index(
        "ix_call_backs_once",
        "call_backs",
        ["user_id", "once"],
        unique=True,
        postgresql_where=sa.text("once IS NOT NULL"),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("call_back_id", sa.Uuid(), nullable=True),
        sa.Column("logged_at", moment, nullable=False),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.CheckConstraint("direction = 'in' OR direction = 'out'", name=op.f("ck_calls_direction")),
        sa.CheckConstraint(
            "result = 'talked' OR result = 'message' OR result = 'missed'", name=op.f("ck_calls_result")
        ),
        sa.CheckConstraint("minutes BETWEEN 0 AND 600", name=op.f("ck_calls_minutes")),
        sa.ForeignKeyConstraint(PLACE, CASE, name=op.f("fk_calls_provider_id_organization_id_account_id_case_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"], ["users.provider_id", "users.id"], name=op.f("fk_calls_provider_id_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "staff_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f("fk_calls_provider_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "call_back_id"],
            ["call_backs.provider_id", "call_backs.id"],
            name=op.f("fk_calls_provider_id_call_back_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_calls_provider_id_id")),
    )
    op.create_index("ix_calls_stream", "calls", ["provider_id", "id"])
    op.create_index("ix_calls_case", "calls", ["case_id", "id"])
    op.create_index("ix_calls_staff", "calls", ["staff_id", "id"])
    op.create_index(
        "ix_calls_once", "calls", ["staff_id", "once"], unique=True, postgresql_where=sa.text("once IS NOT NULL")
    )
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")


def downgrade() -> None:
    op.drop_table("calls")
    op.drop_table("call_backs")
