"""Addresses that get the status page by email, and the mails that go to them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1817"
down_revision = "2026_11_30_1520"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "status_subscribers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("locale", sa.String(length=40), nullable=False),
        sa.Column("chosen", sa.String(length=40), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.CheckConstraint("chosen = 'all' OR chosen = 'outages'", name=op.f("ck_status_subscribers_chosen")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_status_subscribers_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_subscribers")),
        sa.UniqueConstraint("provider_id", "email", name=op.f("uq_status_subscribers_provider_id_email")),
    )
    op.create_index(
        "ix_status_subscribers_confirmed",
        "status_subscribers",
        ["provider_id", "id"],
        postgresql_where=sa.text("confirmed_at IS NOT NULL"),
    )
    op.execute("ALTER TABLE status_subscribers ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE status_subscribers FORCE ROW LEVEL SECURITY")
    staff = f"{PROVIDER} AND {HOUSE}"
    op.execute(f"CREATE POLICY tenant ON status_subscribers USING ({staff}) WITH CHECK ({staff})")
    op.add_column("outgoing_mails", sa.Column("subscriber_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_outgoing_mails_subscriber",
        "outgoing_mails",
        ["subscriber_id", "event_id"],
        postgresql_where=sa.text("subscriber_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_outgoing_mails_subscriber", "outgoing_mails")
    op.drop_column("outgoing_mails", "subscriber_id")
    op.drop_table("status_subscribers")
