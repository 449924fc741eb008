"""People who join a case: where it hits them, how, and whether they accepted the solution."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1440"
down_revision = "2026_11_30_1421"
branch_labels = None
depends_on = None

PLACE = ("provider_id", "organization_id", "account_id")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("case_grants", sa.Column("environment_id", sa.Uuid(), nullable=True))
    op.add_column("case_grants", sa.Column("impact", sa.Text(), server_default="", nullable=False))
    op.add_column("case_grants", sa.Column("accepted_at", moment, nullable=True))
    op.create_foreign_key(
        op.f("fk_case_grants_environment"),
        "case_grants",
        "environments",
        [*PLACE, "environment_id"],
        [*PLACE, "id"],
    )
    op.add_column("cases", sa.Column("accepted_at", moment, nullable=True))
    op.add_column("providers", sa.Column("joins_raise_at", sa.Integer(), server_default="3", nullable=False))
    op.add_column("providers", sa.Column("joins_raise_limit", sa.Integer(), server_default="2", nullable=False))
    op.create_check_constraint(
        op.f("ck_providers_joins_raise"), "providers", "joins_raise_at >= 0 AND joins_raise_limit BETWEEN 1 AND 4"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_providers_joins_raise"), "providers", type_="check")
    op.drop_column("providers", "joins_raise_limit")
    op.drop_column("providers", "joins_raise_at")
    op.drop_column("cases", "accepted_at")
    op.drop_constraint(op.f("fk_case_grants_environment"), "case_grants", type_="foreignkey")
    op.drop_column("case_grants", "accepted_at")
    op.drop_column("case_grants", "impact")
    op.drop_column("case_grants", "environment_id")
