"""Live chat: the provider's settings, who takes chats, and chats beside their cases."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1520"
down_revision = "2026_11_30_1510"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
POLICIES = {
    "chat_settings": PROVIDER,
    "chat_agents": f"{PROVIDER} AND {HOUSE}",
    "chats": f"{PROVIDER} AND ({HOUSE} OR user_id = {USER})",
}
PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]
STAFF = ["staff_members.provider_id", "staff_members.id"]
LIVE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "chat_settings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("request_type_id", sa.Uuid(), nullable=True),
        sa.Column("greeting", sa.Text(), nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.Column("silent_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("most BETWEEN 1 AND 20", name=op.f("ck_chat_settings_most")),
        sa.CheckConstraint("silent_minutes BETWEEN 2 AND 60", name=op.f("ck_chat_settings_silent_minutes")),
        sa.CheckConstraint(
            "NOT enabled OR num_nulls(calendar_id, request_type_id) = 0", name=op.f("ck_chat_settings_complete")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_chat_settings_provider_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "calendar_id"],
            ["sla_calendars.provider_id", "sla_calendars.id"],
            name=op.f("fk_chat_settings_provider_id_calendar_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "request_type_id"],
            ["request_types.provider_id", "request_types.id"],
            name=op.f("fk_chat_settings_provider_id_request_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_settings")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_chat_settings_provider_id")),
    )
    op.create_table(
        "chat_agents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("takes", sa.Boolean(), nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.Column("seen_at", moment, nullable=True),
        sa.CheckConstraint("most BETWEEN 1 AND 20", name=op.f("ck_chat_agents_most")),
        sa.ForeignKeyConstraint(["provider_id", "staff_id"], STAFF, name=op.f("fk_chat_agents_provider_id_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_agents")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_chat_agents_staff_id")),
    )
    op.create_table(
        "chats",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("waiting_since", moment, nullable=True),
        sa.Column("accepted_by_id", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", moment, nullable=True),
        sa.Column("first_accepted_at", moment, nullable=True),
        sa.Column("lost_by_id", sa.Uuid(), nullable=True),
        sa.Column("contact_spoke_at", moment, nullable=False),
        sa.Column("contact_seen_at", moment, nullable=False),
        sa.Column("contact_typed_at", moment, nullable=True),
        sa.Column("staff_spoke_at", moment, nullable=True),
        sa.Column("staff_seen_at", moment, nullable=True),
        sa.Column("staff_typed_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=False),
        sa.CheckConstraint("waiting_since IS NULL OR accepted_by_id IS NULL", name=op.f("ck_chats_waits_or_accepted")),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name=op.f("ck_chats_ended")),
        sa.ForeignKeyConstraint(PLACE, CASE, name=op.f("fk_chats_provider_id_organization_id_account_id_case_id")),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_chats_provider_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "accepted_by_id"], STAFF, name=op.f("fk_chats_provider_id_accepted_by_id")
        ),
        sa.ForeignKeyConstraint(["provider_id", "lost_by_id"], STAFF, name=op.f("fk_chats_provider_id_lost_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
    )
    op.create_index("ix_chats_case", "chats", ["case_id"], unique=True, postgresql_where=LIVE)
    op.create_index("ix_chats_user", "chats", ["provider_id", "user_id"], unique=True, postgresql_where=LIVE)
    op.create_index("ix_chats_live", "chats", ["provider_id", "accepted_by_id"], postgresql_where=LIVE)
    op.create_index("ix_chats_ended", "chats", ["provider_id", "accepted_by_id", "ended_at"])
    op.create_index("ix_chats_accepted", "chats", ["provider_id", "first_accepted_at"])
    op.create_index("ix_chats_of_case", "chats", ["case_id", "id"])
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")
    op.execute(
        "CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON chat_settings FOR EACH STATEMENT"
        " EXECUTE FUNCTION stamp_provider()"
    )


def downgrade() -> None:
    for table in ("chats", "chat_agents", "chat_settings"):
        op.execute(f"DROP POLICY tenant ON {table}")
        op.drop_table(table)
