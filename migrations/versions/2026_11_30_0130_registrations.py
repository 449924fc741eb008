"""Registration by organization, and people who registered and wait for a decision."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0130"
down_revision = "2026_11_29_2245"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
CONDITION = (
    f"{PROVIDER} AND ({SIDE} IN ('staff', 'system') OR organization_id = ANY({ORGANIZATIONS}) OR user_id = {USER})"
)
READ = ("providers", "users", "passwords", "addresses", "contacts", "staff_members", "organization_domains")
# Who registered where anyone may, and has no place so far.
STORE_WAITING = """
INSERT INTO registrations (id, provider_id, organization_id, user_id, company, state, asked_at, decided_by, answer)
SELECT DISTINCT ON (u.id) gen_random_uuid(), u.provider_id, d.organization_id, u.id, '', 'waiting', u.created_at, '', ''
FROM users u
JOIN providers p ON p.id = u.provider_id AND p.registration = 'anyone'
JOIN addresses a ON a.user_id = u.id AND a.verified_at IS NOT NULL AND NOT a.claimed
LEFT JOIN organization_domains d ON d.provider_id = u.provider_id AND d.kind = 'email' AND d.value = a.domain
WHERE u.ended_at IS NULL AND EXISTS (SELECT 1 FROM passwords w WHERE w.user_id = u.id)
AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.user_id = u.id)
AND NOT EXISTS (SELECT 1 FROM staff_members s WHERE s.user_id = u.id)
ORDER BY u.id, a.id
"""


def upgrade() -> None:
    op.add_column("organizations", sa.Column("registration", sa.String(40), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_organizations_registration"),
        "organizations",
        "registration IN ('', 'invited', 'contacts', 'approval', 'automatic')",
    )
    op.create_table(
        "registrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("company", sa.String(120), server_default="", nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'accepted', 'declined')", name=op.f("ck_registrations_state")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_registrations_provider_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_registrations_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("provider_id", "user_id", name=op.f("uq_registrations_provider_id_user_id")),
    )
    op.create_index("ix_registrations_organization", "registrations", ["organization_id"])
    op.create_index("ix_registrations_waiting", "registrations", ["provider_id", "state", "asked_at"])
    for table in READ:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(STORE_WAITING)
    for table in READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE registrations ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE registrations FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON registrations USING ({CONDITION}) WITH CHECK ({CONDITION})")


def downgrade() -> None:
    op.drop_table("registrations")
    op.drop_constraint(op.f("ck_organizations_registration"), "organizations")
    op.drop_column("organizations", "registration")
