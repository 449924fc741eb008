"""Whom an announcement hits, and who follows or mutes it."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1455"
down_revision = "2026_11_30_1445"
branch_labels = None
depends_on = None

POLICIES = {
    "announcement_joins": (
        "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT "
        "COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id ="
        " ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), "
        "'{}')::uuid[]))::uuid[]))"
    ),
    "announcement_follows": (
        "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (user_id "
        "= (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR (SELECT "
        "COALESCE(current_setting('parley.side', true), '')) = 'system')"
    ),
}
PLACE = ["provider_id", "organization_id", "account_id"]


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "announcement_joins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Uuid(), nullable=True),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("joined_at", moment, nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "announcement_id"],
            ["announcements.provider_id", "announcements.id"],
            name=op.f("fk_announcement_joins_provider_id_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_announcement_joins_provider_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            PLACE,
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_announcement_joins_provider_id_organization_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            [*PLACE, "environment_id"],
            [f"environments.{part}" for part in ("provider_id", "organization_id", "account_id", "id")],
            name="fk_announcement_joins_environment",
        ),
        sa.CheckConstraint(
            "answer = '' OR answer = 'works' OR answer = 'broken'", name=op.f("ck_announcement_joins_answer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_joins")),
        sa.UniqueConstraint(
            *("announcement_id", "user_id", "account_id", "environment_id"),
            name="uq_announcement_joins_place",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "announcement_follows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "announcement_id"],
            ["announcements.provider_id", "announcements.id"],
            name=op.f("fk_announcement_follows_provider_id_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_announcement_follows_provider_id_user_id"),
        ),
        sa.CheckConstraint("mode = 'follow' OR mode = 'mute'", name=op.f("ck_announcement_follows_mode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_follows")),
        sa.UniqueConstraint("announcement_id", "user_id", name=op.f("uq_announcement_follows_announcement_id_user_id")),
    )
    op.create_index("ix_announcement_follows_user", "announcement_follows", ["user_id"])
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")


def downgrade() -> None:
    op.drop_table("announcement_follows")
    op.drop_table("announcement_joins")
