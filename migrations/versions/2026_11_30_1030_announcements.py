"""Announcements, whom they are for, and their updates."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1030"
down_revision = "2026_11_30_1000"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
POLICIES = {
    "announcement_targets": f"{PROVIDER} AND ({HOUSE} OR organization_id = ANY({ORGANIZATIONS})"
    " OR service_id IN (SELECT s.service_id FROM account_services s))",
    "announcements": f"{PROVIDER} AND ({HOUSE} OR ((state = 'published' OR state = 'ended')"
    " AND (everybody OR id IN (SELECT t.announcement_id FROM announcement_targets t))))",
    "announcement_updates": f"{PROVIDER} AND ({HOUSE} OR announcement_id IN (SELECT a.id FROM announcements a))",
}
ANNOUNCEMENT = ["announcements.provider_id", "announcements.id"]
USER = ["users.provider_id", "users.id"]
# Their changes renew the version of the provider's configuration, so that no cache shows what is over.
STAMPED = ("announcements", "announcement_targets", "account_services")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("starts_at", moment, nullable=True),
        sa.Column("ends_at", moment, nullable=True),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("publish_at", moment, nullable=True),
        sa.Column("published_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("rhythm", sa.Integer(), nullable=False),
        sa.Column("next_update_at", moment, nullable=True),
        sa.Column("reminded_at", moment, nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('outage', 'maintenance', 'workaround', 'notice')", name=op.f("ck_announcements_kind")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'scheduled', 'published', 'ended')", name=op.f("ck_announcements_state")
        ),
        sa.CheckConstraint(
            "ends_at IS NULL OR starts_at IS NULL OR ends_at > starts_at", name=op.f("ck_announcements_window")
        ),
        sa.CheckConstraint("state <> 'scheduled' OR publish_at IS NOT NULL", name=op.f("ck_announcements_schedule")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_announcements_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "author_id"], USER, name=op.f("fk_announcements_provider_id_author_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_announcements_provider_id_id")),
    )
    op.create_index("ix_announcements_stream", "announcements", ["provider_id", "published_at", "id"])
    op.create_table(
        "announcement_targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("environment_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(service_id IS NULL AND num_nulls(organization_id, account_id) = 0)"
            " OR (service_id IS NOT NULL AND num_nonnulls(organization_id, account_id, environment_id) = 0)",
            name=op.f("ck_announcement_targets_place"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "announcement_id"],
            ANNOUNCEMENT,
            name=op.f("fk_announcement_targets_provider_id_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_announcement_targets_provider_id_organization_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            [f"environments.{part}" for part in ("provider_id", "organization_id", "account_id", "id")],
            # PostgreSQL cuts names after 63 characters, and SQLAlchemy ends them with a hash.
            name="fk_announcement_targets_environment",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "service_id"],
            ["services.provider_id", "services.id"],
            name=op.f("fk_announcement_targets_provider_id_service_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_targets")),
    )
    op.create_index("ix_announcement_targets_announcement", "announcement_targets", ["announcement_id"])
    op.create_index(
        "ix_announcement_targets_account",
        "announcement_targets",
        ["account_id"],
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.create_table(
        "announcement_updates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "announcement_id"],
            ANNOUNCEMENT,
            name=op.f("fk_announcement_updates_provider_id_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "author_id"], USER, name=op.f("fk_announcement_updates_provider_id_author_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_updates")),
    )
    op.create_index("ix_announcement_updates_announcement", "announcement_updates", ["announcement_id", "id"])
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")
    for table in STAMPED:
        op.execute(
            f"CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON {table} FOR EACH STATEMENT"
            " EXECUTE FUNCTION stamp_provider()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER stamp ON account_services")
    for table in ("announcement_updates", "announcements", "announcement_targets"):
        op.execute(f"DROP POLICY tenant ON {table}")
    for table in ("announcement_updates", "announcement_targets", "announcements"):
        op.drop_table(table)
