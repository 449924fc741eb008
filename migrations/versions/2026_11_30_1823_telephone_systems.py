"""Telephone systems that report calls, extensions of staff, and the reported calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_30_1823"
down_revision = "2026_11_30_1817"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
TABLES = ("telephone_systems", "phone_extensions", "incoming_calls")
STAFF = ["staff_members.provider_id", "staff_members.id"]
MISSED = "state = 'ended' AND answered_at IS NULL AND settled_at IS NULL"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "telephone_systems",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("token_made_at", moment, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_telephone_systems_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephone_systems")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_telephone_systems_provider_id_id")),
        sa.UniqueConstraint("provider_id", "name_folded", name=op.f("uq_telephone_systems_provider_id_name_folded")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_telephone_systems_token_hash")),
    )
    op.create_table(
        "phone_extensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "staff_id"], STAFF, name=op.f("fk_phone_extensions_provider_id_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_extensions")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_phone_extensions_staff_id")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_phone_extensions_provider_id_number")),
    )
    op.create_table(
        "incoming_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("called", sa.String(length=50), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("account_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("heard_at", moment, nullable=False),
        sa.Column("shown_until", moment, nullable=True),
        sa.Column("settled_at", moment, nullable=True),
        sa.Column("settled_by_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state = 'ringing' OR state = 'answered' OR state = 'ended'", name=op.f("ck_incoming_calls_state")
        ),
        sa.CheckConstraint("seconds BETWEEN 0 AND 86400", name=op.f("ck_incoming_calls_seconds")),
        sa.ForeignKeyConstraint(
            ["provider_id", "system_id"],
            ["telephone_systems.provider_id", "telephone_systems.id"],
            name=op.f("fk_incoming_calls_provider_id_system_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "staff_id"], STAFF, name=op.f("fk_incoming_calls_provider_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "settled_by_id"], STAFF, name=op.f("fk_incoming_calls_provider_id_settled_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "call_id"],
            ["calls.provider_id", "calls.id"],
            name=op.f("fk_incoming_calls_provider_id_call_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_calls")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_incoming_calls_provider_id_id")),
        sa.UniqueConstraint("system_id", "external_id", name=op.f("uq_incoming_calls_system_id_external_id")),
    )
    op.create_index(
        "ix_incoming_calls_shown",
        "incoming_calls",
        ["staff_id", "shown_until"],
        postgresql_where="shown_until IS NOT NULL",
    )
    op.create_index(
        "ix_incoming_calls_missed", "incoming_calls", ["provider_id", "started_at", "id"], postgresql_where=MISSED
    )
    op.create_index("ix_incoming_calls_heard", "incoming_calls", ["provider_id", "heard_at"])
    op.create_index("ix_incoming_calls_system", "incoming_calls", ["system_id", "heard_at"])
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} USING ({PROVIDER} AND {HOUSE}) WITH CHECK ({PROVIDER} AND {HOUSE})"
        )
    op.execute(
        "CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON telephone_systems FOR EACH STATEMENT"
        " EXECUTE FUNCTION stamp_provider()"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
