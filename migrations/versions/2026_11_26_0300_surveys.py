"""Surveys complete: rules of asking, versioned question sets in several languages, follow-ups of low answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_0300"
down_revision = "2026_11_26_0200"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
POLICIES = {"survey_plans": PROVIDER, "survey_follow_ups": f"{PROVIDER} AND {HOUSE}"}
# Tables whose rows this migration moves: their owner is bound by the policies too.
MOVED = ("providers", "survey_plans", "survey_questions", "surveys")

TO_WORDINGS = """
    UPDATE survey_questions SET questions = (
      SELECT jsonb_agg(
        jsonb_build_object('low', q ->> 'kind' = 'stars', 'choices', '[]'::jsonb) || q
        || jsonb_build_object('text', CASE jsonb_typeof(q -> 'text')
             WHEN 'string' THEN jsonb_build_object('en', q -> 'text') ELSE q -> 'text' END) ORDER BY n)
      FROM jsonb_array_elements(questions) WITH ORDINALITY AS e (q, n))
"""
# The house knew stars and text in one language: other kinds become text, of the wordings the English or any one stays.
TO_TEXT = """
    UPDATE survey_questions SET questions = (
      SELECT jsonb_agg(jsonb_build_object(
        'name', q -> 'name', 'required', q -> 'required',
        'kind', CASE q ->> 'kind' WHEN 'stars' THEN 'stars' ELSE 'text' END,
        'text', COALESCE(q -> 'text' ->> 'en', (SELECT value FROM jsonb_each_text(q -> 'text') LIMIT 1), '')) ORDER BY n)
      FROM jsonb_array_elements(questions) WITH ORDINALITY AS e (q, n))
"""


def upgrade() -> None:
    create_tables()
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")
    unforced(
        TO_WORDINGS,
        "UPDATE surveys SET low = COALESCE(score <= 2, false)",
        "INSERT INTO survey_plans (id, provider_id, trigger, per, sampling, quiet_days, follow_up_days, low_to, version)"
        " SELECT gen_random_uuid(), id, 'closed', survey_per, 100, 0, 2, '[\"leads\"]', 1 FROM providers"
        " WHERE survey_per = 'cycle'",
    )
    op.drop_column("providers", "survey_per")


def downgrade() -> None:
    op.add_column(
        "providers", sa.Column("survey_per", sa.String(length=40), nullable=False, server_default=sa.text("'case'"))
    )
    unforced(
        "UPDATE providers SET survey_per = p.per FROM survey_plans p WHERE p.provider_id = providers.id",
        "DELETE FROM survey_questions WHERE version = 0",
        TO_TEXT,
    )
    op.alter_column("providers", "survey_per", server_default=None)
    op.drop_table("survey_follow_ups")
    op.drop_table("survey_plans")
    for index in ("ix_surveys_stream", "ix_surveys_account", "ix_surveys_person"):
        op.drop_index(index, table_name="surveys")
    op.drop_constraint("uq_surveys_provider_id_id", "surveys")
    for column in ("low", "call_wanted", "call_phone"):
        op.drop_column("surveys", column)


def unforced(*statements: str) -> None:
    """Run *statements* over the rows of all providers."""
    for table in MOVED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    for table in MOVED:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def create_tables() -> None:
    op.create_table(
        "survey_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("trigger", sa.String(length=40), nullable=False),
        sa.Column("per", sa.String(length=40), nullable=False),
        sa.Column("sampling", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_days", sa.SmallInteger(), nullable=False),
        sa.Column("follow_up_days", sa.SmallInteger(), nullable=False),
        sa.Column("low_to", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "trigger IN ('accepted', 'closed', 'resolved', 'never')", name=op.f("ck_survey_plans_trigger")
        ),
        sa.CheckConstraint("per IN ('case', 'cycle')", name=op.f("ck_survey_plans_per")),
        sa.CheckConstraint("sampling BETWEEN 0 AND 100", name=op.f("ck_survey_plans_sampling")),
        sa.CheckConstraint("quiet_days BETWEEN 0 AND 365", name=op.f("ck_survey_plans_quiet_days")),
        sa.CheckConstraint("follow_up_days BETWEEN 1 AND 90", name=op.f("ck_survey_plans_follow_up_days")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_survey_plans_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_plans")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_survey_plans_provider_id")),
    )
    op.add_column("surveys", sa.Column("low", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("surveys", "low", server_default=None)
    op.add_column("surveys", sa.Column("call_wanted", sa.Boolean(), nullable=True))
    op.add_column("surveys", sa.Column("call_phone", sa.Text(), nullable=False, server_default=""))
    op.alter_column("surveys", "call_phone", server_default=None)
    op.create_unique_constraint(op.f("uq_surveys_provider_id_id"), "surveys", ["provider_id", "id"])
    answered = {"unique": False, "postgresql_where": "answered_at IS NOT NULL"}
    op.create_index("ix_surveys_stream", "surveys", ["provider_id", "low", "answered_at", "id"], **answered)
    op.create_index("ix_surveys_account", "surveys", ["account_id", "low", "answered_at"], **answered)
    op.create_index("ix_surveys_person", "surveys", ["user_id", "asked_at"], unique=False)
    op.create_table(
        "survey_follow_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_survey_follow_ups_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "survey_id"],
            ["surveys.provider_id", "surveys.id"],
            name=op.f("fk_survey_follow_ups_provider_id_survey_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "owner_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f("fk_survey_follow_ups_provider_id_owner_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_follow_ups")),
        sa.UniqueConstraint("survey_id", name=op.f("uq_survey_follow_ups_survey_id")),
    )
    op.create_index(
        "ix_survey_follow_ups_open",
        "survey_follow_ups",
        ["provider_id", "due_at"],
        unique=False,
        postgresql_where="done_at IS NULL",
    )
