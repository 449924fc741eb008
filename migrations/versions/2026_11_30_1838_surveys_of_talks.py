"""Surveys about calls and chats."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1838"
down_revision = "2026_11_30_1823"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("after_calls", "after_chats"):
        op.add_column("survey_plans", sa.Column(column, sa.Boolean(), server_default="false", nullable=False))
    op.add_column("surveys", sa.Column("kind", sa.String(length=40), server_default="case", nullable=False))
    op.add_column("surveys", sa.Column("occasion_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(op.f("ck_surveys_kind"), "surveys", "kind = 'case' OR kind = 'call' OR kind = 'chat'")
    op.create_check_constraint(op.f("ck_surveys_occasion"), "surveys", "(kind = 'case') = (occasion_id IS NULL)")
    op.drop_constraint("uq_surveys_case_id_cycle", "surveys", type_="unique")
    op.create_index("ix_surveys_cycle", "surveys", ["case_id", "cycle"], unique=True, postgresql_where="kind = 'case'")
    op.create_index(
        "ix_surveys_occasion", "surveys", ["occasion_id"], unique=True, postgresql_where="occasion_id IS NOT NULL"
    )
    op.execute(
        "CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON survey_plans FOR EACH STATEMENT"
        " EXECUTE FUNCTION stamp_provider()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER stamp ON survey_plans")
    # Without the column a survey about a call or a chat would be one about its case.
    op.execute("DELETE FROM survey_follow_ups USING surveys WHERE surveys.id = survey_id AND kind <> 'case'")
    op.execute("DELETE FROM surveys WHERE kind <> 'case'")
    op.drop_index("ix_surveys_occasion", "surveys")
    op.drop_index("ix_surveys_cycle", "surveys")
    op.create_unique_constraint("uq_surveys_case_id_cycle", "surveys", ["case_id", "cycle"])
    op.drop_constraint(op.f("ck_surveys_occasion"), "surveys", type_="check")
    op.drop_constraint(op.f("ck_surveys_kind"), "surveys", type_="check")
    op.drop_column("surveys", "occasion_id")
    op.drop_column("surveys", "kind")
    for column in ("after_chats", "after_calls"):
        op.drop_column("survey_plans", column)
