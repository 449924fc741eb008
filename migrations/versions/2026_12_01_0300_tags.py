"""Tags of cases."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0300"
down_revision = "2026_12_01_0200"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
POLICY = f"{PROVIDER} AND {SIDE} IN ('staff', 'system')"
TABLES = ("tags", "case_tags")


def upgrade() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_tags_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_tags_provider_id_id")),
        sa.UniqueConstraint("provider_id", "folded", name=op.f("uq_tags_provider_id_folded")),
    )
    op.create_table(
        "case_tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_case_tags_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "tag_id"], ["tags.provider_id", "tags.id"], name=op.f("fk_case_tags_provider_id_tag_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tags")),
        sa.UniqueConstraint("case_id", "tag_id", name=op.f("uq_case_tags_case_id_tag_id")),
    )
    op.create_index("ix_case_tags_tag", "case_tags", ["tag_id", "case_id"])
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({POLICY}) WITH CHECK ({POLICY})")
    op.execute(
        "CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON tags FOR EACH STATEMENT"
        " EXECUTE FUNCTION stamp_provider()"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP POLICY tenant ON {table}")
        op.drop_table(table)
