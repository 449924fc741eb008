"""Reporting lines: to whom a person reports, and whether an organization lets managers see the cases of their people."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0400"
down_revision = "2026_11_30_2240"
branch_labels = None
depends_on = None

# The users below a place, over so many levels. A former member passes nothing on. The number of levels bounds the walk.
REPORTS_BELOW = """
CREATE FUNCTION reports_below(top uuid, levels integer) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH RECURSIVE below (id, user_id, level) AS (
    SELECT c.id, c.user_id, 1 FROM contacts c WHERE c.reports_to_id = top AND c.active AND levels > 0
    UNION ALL
    SELECT c.id, c.user_id, b.level + 1 FROM contacts c JOIN below b ON c.reports_to_id = b.id
    WHERE c.active AND b.level < levels
  )
  SELECT COALESCE(array_agg(DISTINCT user_id), '{}') FROM below
$$
"""


def upgrade() -> None:
    op.add_column("contacts", sa.Column("reports_to_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_contacts_provider_id_organization_id_id"), "contacts", ["provider_id", "organization_id", "id"]
    )
    op.create_foreign_key(
        op.f("fk_contacts_provider_id_organization_id_reports_to_id"),
        "contacts",
        "contacts",
        ["provider_id", "organization_id", "reports_to_id"],
        ["provider_id", "organization_id", "id"],
        ondelete="SET NULL (reports_to_id)",
    )
    op.create_check_constraint(op.f("ck_contacts_reports_to_another"), "contacts", "reports_to_id <> id")
    op.create_index("ix_contacts_reports_to", "contacts", ["reports_to_id"])
    op.add_column("organizations", sa.Column("managers_see", sa.String(length=40), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_organizations_managers_see"), "organizations", "managers_see IN ('', 'direct', 'line')"
    )
    op.execute(REPORTS_BELOW)


def downgrade() -> None:
    op.execute("DROP FUNCTION reports_below(uuid, integer)")
    op.drop_constraint(op.f("ck_organizations_managers_see"), "organizations")
    op.drop_column("organizations", "managers_see")
    op.drop_index("ix_contacts_reports_to", "contacts")
    op.drop_constraint(op.f("ck_contacts_reports_to_another"), "contacts")
    op.drop_constraint(op.f("fk_contacts_provider_id_organization_id_reports_to_id"), "contacts")
    op.drop_constraint(op.f("uq_contacts_provider_id_organization_id_id"), "contacts")
    op.drop_column("contacts", "reports_to_id")
