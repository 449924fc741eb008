"""Approvals: rules that ask for a yes, requests for one, answers, and the marker of cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_30_2310"
down_revision = "2026_11_30_2300"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
HOUSE = f"{SIDE} IN ('staff', 'system')"
ORGS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
GRANTED = (
    f"(SELECT g.case_id FROM case_grants g WHERE g.{PROVIDER}"
    f" AND (g.user_id = {USER} OR g.to_organization_id = ANY({ORGS})))"
)
OF_CASE = (
    f"{PROVIDER} AND ({HOUSE} OR organization_id = ANY({ORGS}) OR case_id IN {GRANTED}) AND ({HOUSE} OR NOT internal)"
)
POLICIES = {
    "approval_rules": f"{PROVIDER} AND ({HOUSE} OR organization_id = ANY({ORGS}))",
    "approval_requests": OF_CASE,
    "approval_answers": OF_CASE,
}
PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]
OPEN = sa.text("state = 'asked'")


def key(*columns: str) -> list[sa.Column]:
    """An id, the provider, and *columns* of ids."""
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "provider_id", *columns)]


def user(table: str, column: str) -> sa.ForeignKeyConstraint:
    """The reference of *column* to a person of the provider."""
    return sa.ForeignKeyConstraint(
        ["provider_id", column], ["users.provider_id", "users.id"], name=op.f(f"fk_{table}_provider_id_{column}")
    )


def upgrade() -> None:
    op.add_column("cases", sa.Column("approval", sa.String(length=40), server_default="", nullable=False))
    op.create_index(
        "ix_cases_approval",
        "cases",
        ["provider_id", "due_at", "severity", "updated_at", "id"],
        postgresql_where=sa.text("approval = 'asked' AND state NOT IN ('resolved', 'closed')"),
    )
    create_rules()
    create_requests()
    create_answers()
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")
    op.execute(
        "CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON approval_rules FOR EACH STATEMENT"
        " EXECUTE FUNCTION stamp_provider()"
    )


def create_rules() -> None:
    op.create_table(
        "approval_rules",
        *key(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("request_type_id", sa.Uuid(), nullable=True),
        sa.Column("environment_kind", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=True),
        sa.Column("field_key", sa.String(length=40), nullable=False),
        sa.Column("over", sa.Numeric(18, 4), nullable=True),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_hours", sa.SmallInteger(), nullable=True),
        sa.Column("remind_hours", sa.SmallInteger(), nullable=False),
        sa.Column("pauses", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("account_id IS NULL OR organization_id IS NOT NULL", name=op.f("ck_approval_rules_place")),
        sa.CheckConstraint(
            "environment_kind = '' OR environment_kind = 'production' OR environment_kind = 'test'"
            " OR environment_kind = 'development'",
            name=op.f("ck_approval_rules_environment_kind"),
        ),
        sa.CheckConstraint("severity BETWEEN 1 AND 4", name=op.f("ck_approval_rules_severity")),
        sa.CheckConstraint("due_hours BETWEEN 1 AND 2000", name=op.f("ck_approval_rules_due_hours")),
        sa.CheckConstraint("remind_hours BETWEEN 0 AND 1000", name=op.f("ck_approval_rules_remind_hours")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_approval_rules_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_approval_rules_provider_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_approval_rules_provider_id_organization_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "request_type_id"],
            ["request_types.provider_id", "request_types.id"],
            name=op.f("fk_approval_rules_provider_id_request_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_rules")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_approval_rules_provider_id_id")),
    )


def create_requests() -> None:
    moment, data = sa.DateTime(timezone=True), postgresql.JSONB(astext_type=sa.Text())
    op.create_table(
        "approval_requests",
        *key("organization_id", "account_id", "case_id"),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("rules", data, nullable=False),
        sa.Column("steps", data, nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("waiting_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("stuck", sa.Boolean(), nullable=False),
        sa.Column("facts", data, nullable=False),
        sa.Column("approved_facts", data, nullable=True),
        sa.Column("pauses", sa.Boolean(), nullable=False),
        sa.Column("remind_hours", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("told_at", moment, nullable=False),
        sa.Column("reminders", sa.SmallInteger(), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'asked' OR state = 'approved' OR state = 'refused' OR state = 'expired' OR state = 'withdrawn'",
            name=op.f("ck_approval_requests_state"),
        ),
        sa.CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name=op.f("ck_approval_requests_ended")),
        sa.ForeignKeyConstraint(
            PLACE, CASE, name=op.f("fk_approval_requests_provider_id_organization_id_account_id_case_id")
        ),
        user("approval_requests", "asked_by_id"),
        user("approval_requests", "ended_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_requests")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_approval_requests_case_id_number")),
        sa.UniqueConstraint(
            *PLACE, "id", name=op.f("uq_approval_requests_provider_id_organization_id_account_id_case_id_id")
        ),
    )
    op.create_index("ix_approval_requests_open", "approval_requests", ["case_id"], unique=True, postgresql_where=OPEN)
    op.create_index(
        "ix_approval_requests_waiting", "approval_requests", ["provider_id", "asked_at", "id"], postgresql_where=OPEN
    )
    op.create_index(
        "ix_approval_requests_ended",
        "approval_requests",
        ["organization_id", "ended_at"],
        postgresql_where=sa.text("state <> 'asked'"),
    )


def create_answers() -> None:
    op.create_table(
        "approval_answers",
        *key("organization_id", "account_id", "case_id", "request_id"),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            PLACE, CASE, name=op.f("fk_approval_answers_provider_id_organization_id_account_id_case_id")
        ),
        sa.ForeignKeyConstraint(
            [*PLACE, "request_id"],
            [f"approval_requests.{name}" for name in (*PLACE, "id")],
            name="fk_approval_answers_request",
        ),
        user("approval_answers", "user_id"),
        user("approval_answers", "seat_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_answers")),
        sa.UniqueConstraint("request_id", "step", "seat_id", name=op.f("uq_approval_answers_request_id_step_seat_id")),
        sa.UniqueConstraint("request_id", "step", "user_id", name=op.f("uq_approval_answers_request_id_step_user_id")),
    )


def downgrade() -> None:
    for table in ("approval_answers", "approval_requests", "approval_rules"):
        op.execute(f"DROP POLICY tenant ON {table}")
        op.drop_table(table)
    op.drop_index("ix_cases_approval", "cases")
    op.drop_column("cases", "approval")
