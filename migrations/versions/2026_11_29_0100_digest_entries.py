"""Alarms of a moment are gathered for each person, and told in one mail."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_0100"
down_revision = "2026_11_28_0600"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
CONDITION = f"{PROVIDER} AND {STAFF}"


def upgrade() -> None:
    op.create_table(
        "digest_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "event_id"],
            ["events.provider_id", "events.id"],
            name=op.f("fk_digest_entries_provider_id_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_digest_entries_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_entries")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_digest_entries_event_id_user_id")),
    )
    op.create_index(
        "ix_digest_entries_waiting",
        "digest_entries",
        ["user_id", "id"],
        postgresql_where=sa.text("mail_id IS NULL"),
    )
    op.create_index(
        "ix_digest_entries_mail", "digest_entries", ["mail_id"], postgresql_where=sa.text("mail_id IS NOT NULL")
    )
    op.execute("ALTER TABLE digest_entries ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE digest_entries FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON digest_entries USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("digest_entries")
