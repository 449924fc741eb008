"""Hotlines: the phone numbers of a provider and their hours."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1420"
down_revision = "2026_11_30_1415"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
# Every page says whether a number is answered now: a changed calendar renews the cached configuration, too.
STAMPED = ("hotlines", "sla_calendars")


def upgrade() -> None:
    op.create_table(
        "hotlines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("urgent_rank", sa.SmallInteger(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("calls_back", sa.Boolean(), nullable=False),
        sa.Column("slot_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("slot_calls", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("urgent_rank BETWEEN 1 AND 4", name=op.f("ck_hotlines_urgent_rank")),
        sa.CheckConstraint(
            "slot_minutes = 15 OR slot_minutes = 30 OR slot_minutes = 60", name=op.f("ck_hotlines_slot_minutes")
        ),
        sa.CheckConstraint("slot_calls BETWEEN 1 AND 50", name=op.f("ck_hotlines_slot_calls")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_hotlines_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "calendar_id"],
            ["sla_calendars.provider_id", "sla_calendars.id"],
            name=op.f("fk_hotlines_provider_id_calendar_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotlines")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_hotlines_provider_id_id")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_hotlines_provider_id_number")),
    )
    op.execute("ALTER TABLE hotlines ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE hotlines FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON hotlines USING ({PROVIDER}) WITH CHECK ({PROVIDER})")
    for table in STAMPED:
        op.execute(
            f"CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON {table} FOR EACH STATEMENT"
            " EXECUTE FUNCTION stamp_provider()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER stamp ON sla_calendars")
    op.drop_table("hotlines")
