"""Saved views of lists of cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_12_01_0200"
down_revision = "2026_12_01_0700"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
HOUSE = f"{SIDE} IN ('staff', 'system')"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
POLICIES = {
    "saved_views": f"{PROVIDER} AND (owner_id = {USER} OR {SIDE} = 'system')"
    f" OR ({PROVIDER} AND {SIDE} = 'staff' AND audience <> 'me')",
    "saved_view_pins": f"{PROVIDER} AND {HOUSE} AND (user_id = {USER} OR {SIDE} = 'system')",
}


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("base", sa.String(length=40), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("side IN ('desk', 'portal')", name=op.f("ck_saved_views_side")),
        sa.CheckConstraint("audience IN ('me', 'department', 'everyone')", name=op.f("ck_saved_views_audience")),
        sa.CheckConstraint("audience = 'me' OR side = 'desk'", name=op.f("ck_saved_views_shared_on_desk")),
        sa.CheckConstraint(
            "(audience = 'department') = (department_id IS NOT NULL)", name=op.f("ck_saved_views_department")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_saved_views_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "owner_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_saved_views_provider_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "department_id"],
            ["departments.provider_id", "departments.id"],
            name=op.f("fk_saved_views_provider_id_department_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_saved_views_provider_id_id")),
    )
    op.create_index("ix_saved_views_owner", "saved_views", ["provider_id", "owner_id"])
    op.create_table(
        "saved_view_pins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "view_id"],
            ["saved_views.provider_id", "saved_views.id"],
            name=op.f("fk_saved_view_pins_provider_id_view_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_saved_view_pins_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view_pins")),
        sa.UniqueConstraint("user_id", "view_id", name=op.f("uq_saved_view_pins_user_id_view_id")),
    )
    op.create_index("ix_saved_view_pins_view", "saved_view_pins", ["view_id"])
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")


def downgrade() -> None:
    for table in ("saved_view_pins", "saved_views"):
        op.execute(f"DROP POLICY tenant ON {table}")
        op.drop_table(table)
