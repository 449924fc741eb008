"""What a person chose about mails of a topic."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_0600"
down_revision = "2026_11_28_0500"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def upgrade() -> None:
    op.create_table(
        "mail_choices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_mail_choices_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_choices")),
        sa.UniqueConstraint("provider_id", "user_id", "topic", name=op.f("uq_mail_choices_provider_id_user_id_topic")),
    )
    op.execute("ALTER TABLE mail_choices ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE mail_choices FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON mail_choices USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("mail_choices")
