"""Rules that change cases by themselves, and the log of what they did."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_12_01_0510"
down_revision = "2026_12_01_0300"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND {SIDE} IN ('staff', 'system')"
PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]
DEPARTMENT = ["departments.provider_id", "departments.id"]
STAFF = ["staff_members.provider_id", "staff_members.id"]
TRIGGERS = ("opened", "customer_replied", "staff_replied", "since_opened", "since_customer", "since_staff", "in_status")


def key(*columns: str) -> list[sa.Column]:
    """An id, the provider, and *columns* of ids."""
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "provider_id", *columns)]


def reference(columns: list[str], target: list[str]) -> sa.ForeignKeyConstraint:
    """The reference of *columns* of a rule."""
    return sa.ForeignKeyConstraint(columns, target, name=op.f(f"fk_case_rules_{'_'.join(columns)}"))


def upgrade() -> None:
    create_rules()
    create_firings()
    for table in ("case_rules", "case_rule_firings"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({CONDITION}) WITH CHECK ({CONDITION})")
    op.execute(
        "CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON case_rules FOR EACH STATEMENT"
        " EXECUTE FUNCTION stamp_provider()"
    )


def create_rules() -> None:
    key_type, some_id, number = sa.String(length=40), sa.Uuid(), sa.SmallInteger()
    op.create_table(
        "case_rules",
        *key(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", number, nullable=False),
        sa.Column("trigger", key_type, nullable=False),
        sa.Column("hours", number, nullable=False),
        sa.Column("active_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", some_id, nullable=True),
        sa.Column("account_id", some_id, nullable=True),
        sa.Column("environment_id", some_id, nullable=True),
        sa.Column("environment_kind", key_type, nullable=False),
        sa.Column("request_type_id", some_id, nullable=True),
        sa.Column("department_id", some_id, nullable=True),
        sa.Column("severity", number, nullable=True),
        sa.Column("tier", number, nullable=True),
        sa.Column("channel", key_type, nullable=False),
        sa.Column("status", key_type, nullable=False),
        sa.Column("subject_words", sa.Text(), nullable=False),
        sa.Column("text_words", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("unowned", sa.Boolean(), nullable=False),
        sa.Column("set_department_id", some_id, nullable=True),
        sa.Column("set_tier", number, nullable=True),
        sa.Column("set_owner_id", some_id, nullable=True),
        sa.Column("set_severity", number, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("follower_id", some_id, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(" OR ".join(f"trigger = '{one}'" for one in TRIGGERS), name=op.f("ck_case_rules_trigger")),
        sa.CheckConstraint("hours BETWEEN 0 AND 2000", name=op.f("ck_case_rules_hours")),
        sa.CheckConstraint("account_id IS NULL OR organization_id IS NOT NULL", name=op.f("ck_case_rules_place")),
        sa.CheckConstraint("environment_id IS NULL OR account_id IS NOT NULL", name=op.f("ck_case_rules_environment")),
        sa.CheckConstraint(
            "severity BETWEEN 1 AND 4 AND set_severity BETWEEN 1 AND 4", name=op.f("ck_case_rules_severity")
        ),
        sa.CheckConstraint("tier BETWEEN 1 AND 3 AND set_tier BETWEEN 1 AND 3", name=op.f("ck_case_rules_tier")),
        reference(["provider_id"], ["providers.id"]),
        reference(["provider_id", "organization_id"], ["organizations.provider_id", "organizations.id"]),
        reference(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        reference(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            ["environments.provider_id", "environments.organization_id", "environments.account_id", "environments.id"],
        ),
        reference(["provider_id", "request_type_id"], ["request_types.provider_id", "request_types.id"]),
        reference(["provider_id", "department_id"], DEPARTMENT),
        reference(["provider_id", "set_department_id"], DEPARTMENT),
        reference(["provider_id", "set_owner_id"], STAFF),
        reference(["provider_id", "follower_id"], STAFF),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_rules")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_case_rules_provider_id_id")),
    )


def create_firings() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "case_rule_firings",
        *key("organization_id", "account_id", "case_id", "rule_id"),
        sa.Column("rule_name", sa.Text(), nullable=False),
        sa.Column("trigger", sa.String(length=40), nullable=False),
        sa.Column("occasion", sa.String(length=80), nullable=False),
        sa.Column("moment", moment, nullable=False),
        sa.Column("fired_at", moment, nullable=False),
        sa.Column("fits", sa.Boolean(), nullable=False),
        sa.Column("did", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            PLACE, CASE, name=op.f("fk_case_rule_firings_provider_id_organization_id_account_id_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_rule_firings")),
        sa.UniqueConstraint(
            "case_id", "rule_id", "occasion", name=op.f("uq_case_rule_firings_case_id_rule_id_occasion")
        ),
    )
    op.create_index("ix_case_rule_firings_rule", "case_rule_firings", ["provider_id", "rule_id", "id"])
    op.create_index("ix_case_rule_firings_fired_at", "case_rule_firings", ["provider_id", "fired_at"])


def downgrade() -> None:
    op.drop_table("case_rule_firings")
    op.drop_table("case_rules")
