"""Promises: calendars, policies, clocks with their segments, escalations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_0100"
down_revision = "2026_11_21_2100"
branch_labels = None
depends_on = None

# One policy a table, as portal/kernel/tenancy.py prints it (a test compares what the database says).
POLICIES = [
    "ALTER TABLE sla_calendars ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_calendars FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_calendars USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR id IN (SELECT a.calendar_id FROM sla_assignments a) OR id IN (SELECT v.calendar_id FROM sla_policy_versions v))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR id IN (SELECT a.calendar_id FROM sla_assignments a) OR id IN (SELECT v.calendar_id FROM sla_policy_versions v)))",
    "ALTER TABLE sla_policies ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_policies FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_policies USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR id IN (SELECT a.policy_id FROM sla_assignments a))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR id IN (SELECT a.policy_id FROM sla_assignments a)))",
    "ALTER TABLE sla_runs ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_runs FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_runs USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system'))",
    "ALTER TABLE sla_calendar_versions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_calendar_versions FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_calendar_versions USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR calendar_id IN (SELECT a.calendar_id FROM sla_assignments a) OR calendar_id IN (SELECT v.calendar_id FROM sla_policy_versions v))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR calendar_id IN (SELECT a.calendar_id FROM sla_assignments a) OR calendar_id IN (SELECT v.calendar_id FROM sla_policy_versions v)))",
    "ALTER TABLE sla_policy_versions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_policy_versions FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_policy_versions USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR policy_id IN (SELECT a.policy_id FROM sla_assignments a))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR policy_id IN (SELECT a.policy_id FROM sla_assignments a)))",
    "ALTER TABLE sla_rules ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_rules FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_rules USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system'))",
    "ALTER TABLE sla_steps ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_steps FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_steps USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system'))",
    "ALTER TABLE sla_assignments ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_assignments FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_assignments USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))",
    "ALTER TABLE sla_clocks ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_clocks FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_clocks USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE sla_fired ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_fired FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_fired USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system'))",
    "ALTER TABLE sla_objections ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_objections FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_objections USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE sla_promises ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_promises FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_promises USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE sla_standings ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE sla_standings FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON sla_standings USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
]

AFTER = [
    # What was agreed and what was shown is evidence: a new version is a new row.
    "REVOKE UPDATE, DELETE, TRUNCATE ON sla_calendar_versions, sla_policy_versions, sla_promises FROM parley_app",
    # Cases are looked up by their standing in every queue: the default of 10 % is far too late for a hot table.
    "ALTER TABLE sla_standings SET (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 80)",
]


def upgrade() -> None:
    op.create_table(
        "sla_calendars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_sla_calendars_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_calendars")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_calendars_provider_id_id")),
    )
    op.create_table(
        "sla_policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_sla_policies_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policies")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_policies_provider_id_id")),
    )
    op.create_table(
        "sla_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("about", postgresql.JSONB(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('recompute', 'backtest')", name=op.f("ck_sla_runs_kind")),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'canceled')", name=op.f("ck_sla_runs_state")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_sla_runs_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_runs")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_runs_provider_id_id")),
    )
    op.create_index("ix_sla_runs_recent", "sla_runs", ["provider_id", "id"], unique=False)
    op.create_table(
        "sla_calendar_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "calendar_id"],
            ["sla_calendars.provider_id", "sla_calendars.id"],
            name=op.f("fk_sla_calendar_versions_provider_id_calendar_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_calendar_versions")),
        sa.UniqueConstraint("calendar_id", "number", name=op.f("uq_sla_calendar_versions_calendar_id_number")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_calendar_versions_provider_id_id")),
    )
    op.create_table(
        "sla_policy_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "calendar_id"],
            ["sla_calendars.provider_id", "sla_calendars.id"],
            name=op.f("fk_sla_policy_versions_provider_id_calendar_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "policy_id"],
            ["sla_policies.provider_id", "sla_policies.id"],
            name=op.f("fk_sla_policy_versions_provider_id_policy_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy_versions")),
        sa.UniqueConstraint("policy_id", "number", name=op.f("uq_sla_policy_versions_policy_id_number")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_policy_versions_provider_id_id")),
    )
    op.create_table(
        "sla_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("severities", postgresql.JSONB(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "policy_id"],
            ["sla_policies.provider_id", "sla_policies.id"],
            name=op.f("fk_sla_rules_provider_id_policy_id"),
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_sla_rules_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_rules")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_rules_provider_id_id")),
    )
    op.create_table(
        "sla_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("does", sa.String(length=40), nullable=False),
        sa.Column("whom", postgresql.JSONB(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "does IN ('notify', 'raise_tier', 'reassign', 'raise_severity', 'draft_update')",
            name=op.f("ck_sla_steps_does"),
        ),
        sa.CheckConstraint("percent BETWEEN 1 AND 500", name=op.f("ck_sla_steps_percent")),
        sa.ForeignKeyConstraint(
            ["provider_id", "rule_id"],
            ["sla_rules.provider_id", "sla_rules.id"],
            name=op.f("fk_sla_steps_provider_id_rule_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_steps")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_steps_provider_id_id")),
    )
    op.create_index("ix_sla_steps_rule", "sla_steps", ["rule_id"], unique=False)
    op.create_table(
        "sla_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("account_id IS NULL OR organization_id IS NOT NULL", name=op.f("ck_sla_assignments_place")),
        sa.CheckConstraint("num_nonnulls(policy_id, calendar_id) > 0", name=op.f("ck_sla_assignments_says_something")),
        sa.ForeignKeyConstraint(
            ["provider_id", "calendar_id"],
            ["sla_calendars.provider_id", "sla_calendars.id"],
            name=op.f("fk_sla_assignments_provider_id_calendar_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_sla_assignments_provider_id_organization_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_sla_assignments_provider_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "policy_id"],
            ["sla_policies.provider_id", "sla_policies.id"],
            name=op.f("fk_sla_assignments_provider_id_policy_id"),
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_sla_assignments_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_assignments")),
        sa.UniqueConstraint(
            "provider_id",
            "organization_id",
            "account_id",
            name=op.f("uq_sla_assignments_provider_id_organization_id_account_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_sla_assignments_policy", "sla_assignments", ["policy_id"], unique=False)
    op.create_table(
        "sla_clocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aim_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("target_version", sa.SmallInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("segments", postgresql.JSONB(), nullable=False),
        sa.Column("reached", sa.SmallInteger(), nullable=False),
        sa.Column("breach_reason", sa.String(length=40), nullable=False),
        sa.Column("breach_note", sa.Text(), nullable=False),
        sa.Column("breach_by_id", sa.Uuid(), nullable=True),
        sa.Column("breach_said_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('first_response', 'next_response', 'next_update', 'resolution')", name=op.f("ck_sla_clocks_kind")
        ),
        sa.CheckConstraint("outcome IN ('', 'met', 'missed', 'void')", name=op.f("ck_sla_clocks_outcome")),
        sa.CheckConstraint("state IN ('running', 'paused', 'stopped')", name=op.f("ck_sla_clocks_state")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_sla_clocks_provider_id_organization_id_account_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_clocks")),
        sa.UniqueConstraint("case_id", "kind", "number", name=op.f("uq_sla_clocks_case_id_kind_number")),
        sa.UniqueConstraint(
            "provider_id",
            "organization_id",
            "account_id",
            "case_id",
            "id",
            name=op.f("uq_sla_clocks_provider_id_organization_id_account_id_case_id_id"),
        ),
    )
    op.create_index(
        "ix_sla_clocks_running",
        "sla_clocks",
        ["provider_id", "due_at"],
        unique=False,
        postgresql_where="state = 'running'",
    )
    op.create_index(
        "ix_sla_clocks_stopped",
        "sla_clocks",
        ["provider_id", "stopped_at"],
        unique=False,
        postgresql_where="stopped_at IS NOT NULL",
    )
    op.create_table(
        "sla_fired",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("target_version", sa.SmallInteger(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("did", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_sla_fired_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "step_id"],
            ["sla_steps.provider_id", "sla_steps.id"],
            name=op.f("fk_sla_fired_provider_id_step_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_fired")),
        sa.UniqueConstraint(
            "clock_id",
            "cycle",
            "target_version",
            "step_id",
            name=op.f("uq_sla_fired_clock_id_cycle_target_version_step_id"),
        ),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_fired_provider_id_id")),
    )
    op.create_index("ix_sla_fired_case", "sla_fired", ["case_id", "fired_at"], unique=False)
    op.create_index("ix_sla_fired_recent", "sla_fired", ["provider_id", "fired_at"], unique=False)
    op.create_table(
        "sla_objections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.SmallInteger(), nullable=False),
        sa.Column("segment_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("verdict IN ('', 'agreed', 'kept')", name=op.f("ck_sla_objections_verdict")),
        sa.ForeignKeyConstraint(
            ["provider_id", "by_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_sla_objections_provider_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_sla_objections_provider_id_organization_id_account_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_objections")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_sla_objections_provider_id_id")),
    )
    op.create_index("ix_sla_objections_case", "sla_objections", ["case_id"], unique=False)
    op.create_index(
        "ix_sla_objections_open",
        "sla_objections",
        ["provider_id", "made_at"],
        unique=False,
        postgresql_where="verdict = ''",
    )
    op.create_table(
        "sla_promises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_version_id", sa.Uuid(), nullable=True),
        sa.Column("calendar_version_id", sa.Uuid(), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_sla_promises_provider_id_organization_id_account_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_promises")),
        sa.UniqueConstraint("case_id", name=op.f("uq_sla_promises_case_id")),
    )
    op.create_table(
        "sla_standings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version_id", sa.Uuid(), nullable=True),
        sa.Column("calendar_version_id", sa.Uuid(), nullable=True),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_kind", sa.String(length=40), nullable=True),
        sa.Column("missed", sa.SmallInteger(), nullable=False),
        sa.Column("unexplained", sa.SmallInteger(), nullable=False),
        sa.Column("fold", postgresql.JSONB(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("draft_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "calendar_version_id"],
            ["sla_calendar_versions.provider_id", "sla_calendar_versions.id"],
            name=op.f("fk_sla_standings_provider_id_calendar_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_sla_standings_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "policy_version_id"],
            ["sla_policy_versions.provider_id", "sla_policy_versions.id"],
            name=op.f("fk_sla_standings_provider_id_policy_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_standings")),
        sa.UniqueConstraint(
            "provider_id",
            "organization_id",
            "account_id",
            "case_id",
            name=op.f("uq_sla_standings_provider_id_organization_id_account_id_case_id"),
        ),
    )
    op.create_index(
        "ix_sla_standings_account",
        "sla_standings",
        ["account_id", "severity", "next_due_at"],
        unique=False,
        postgresql_where="active",
    )
    op.create_index(
        "ix_sla_standings_due",
        "sla_standings",
        ["provider_id", "next_due_at", "case_id"],
        unique=False,
        postgresql_where="next_due_at IS NOT NULL",
    )
    op.create_index(
        "ix_sla_standings_policy",
        "sla_standings",
        ["provider_id", "policy_version_id", "case_id"],
        unique=False,
        postgresql_where="active",
    )
    op.create_index(
        "ix_sla_standings_queue",
        "sla_standings",
        ["provider_id", "severity", "next_due_at", "case_id"],
        unique=False,
        postgresql_where="active",
    )
    op.create_index(
        "ix_sla_standings_unexplained",
        "sla_standings",
        ["provider_id", "case_id"],
        unique=False,
        postgresql_where="unexplained > 0",
    )
    op.add_column("accounts", sa.Column("manager_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_accounts_provider_id_manager_id"),
        "accounts",
        "staff_members",
        ["provider_id", "manager_id"],
        ["provider_id", "id"],
    )
    op.add_column("contacts", sa.Column("severity_floor", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_contacts_severity_floor"), "contacts", "severity_floor BETWEEN 1 AND 4")
    for statement in (*POLICIES, *AFTER):
        op.execute(statement)


def downgrade() -> None:
    # The policies lean on each other's tables.
    for table in ("sla_calendars", "sla_calendar_versions", "sla_policies", "sla_policy_versions"):
        op.execute(f"DROP POLICY tenant ON {table}")
    op.drop_column("contacts", "severity_floor")
    op.drop_constraint(op.f("fk_accounts_provider_id_manager_id"), "accounts", type_="foreignkey")
    op.drop_column("accounts", "manager_id")
    op.drop_index("ix_sla_standings_unexplained", table_name="sla_standings", postgresql_where="unexplained > 0")
    op.drop_index("ix_sla_standings_queue", table_name="sla_standings", postgresql_where="active")
    op.drop_index("ix_sla_standings_policy", table_name="sla_standings", postgresql_where="active")
    op.drop_index("ix_sla_standings_due", table_name="sla_standings", postgresql_where="next_due_at IS NOT NULL")
    op.drop_index("ix_sla_standings_account", table_name="sla_standings", postgresql_where="active")
    op.drop_table("sla_standings")
    op.drop_table("sla_promises")
    op.drop_index("ix_sla_objections_open", table_name="sla_objections", postgresql_where="verdict = ''")
    op.drop_index("ix_sla_objections_case", table_name="sla_objections")
    op.drop_table("sla_objections")
    op.drop_index("ix_sla_fired_recent", table_name="sla_fired")
    op.drop_index("ix_sla_fired_case", table_name="sla_fired")
    op.drop_table("sla_fired")
    op.drop_index("ix_sla_clocks_stopped", table_name="sla_clocks", postgresql_where="stopped_at IS NOT NULL")
    op.drop_index("ix_sla_clocks_running", table_name="sla_clocks", postgresql_where="state = 'running'")
    op.drop_table("sla_clocks")
    op.drop_index("ix_sla_assignments_policy", table_name="sla_assignments")
    op.drop_table("sla_assignments")
    op.drop_index("ix_sla_steps_rule", table_name="sla_steps")
    op.drop_table("sla_steps")
    op.drop_table("sla_rules")
    op.drop_table("sla_policy_versions")
    op.drop_table("sla_calendar_versions")
    op.drop_index("ix_sla_runs_recent", table_name="sla_runs")
    op.drop_table("sla_runs")
    op.drop_table("sla_policies")
    op.drop_table("sla_calendars")
