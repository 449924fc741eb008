"""People whom a mail proposes for a case, and how many of them wait."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_2120"
down_revision = "2026_11_29_2115"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND ({SIDE} IN ('staff', 'system') OR proposed_by_id = {USER})"
PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]


def upgrade() -> None:
    op.add_column("cases", sa.Column("open_proposals", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_table(
        "copy_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.CheckConstraint("decision IN ('', 'accepted', 'dismissed')", name=op.f("ck_copy_proposals_decision")),
        sa.CheckConstraint("(decision = '') = (decided_at IS NULL)", name=op.f("ck_copy_proposals_decided")),
        sa.ForeignKeyConstraint(PLACE, CASE, name=op.f(f"fk_copy_proposals_{'_'.join(PLACE)}")),
        *(
            sa.ForeignKeyConstraint(
                ["provider_id", column],
                [f"{table}.provider_id", f"{table}.id"],
                name=op.f(f"fk_copy_proposals_provider_id_{column}"),
            )
            for column, table in {
                "mail_id": "inbound_mails",
                "proposed_by_id": "users",
                "decided_by_id": "users",
            }.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_proposals")),
        sa.UniqueConstraint("case_id", "email", name=op.f("uq_copy_proposals_case_id_email")),
    )
    op.create_index("ix_copy_proposals_old", "copy_proposals", ["provider_id", "proposed_at"])
    op.execute("ALTER TABLE copy_proposals ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE copy_proposals FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON copy_proposals USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("copy_proposals")
    op.drop_column("cases", "open_proposals")
