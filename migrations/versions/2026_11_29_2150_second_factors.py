"""Second factors: authenticator apps, recovery codes and passkeys; who needs one; and when a browser last proved whose
it is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_29_2150"
down_revision = "2026_11_29_2212"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
CONDITION = f"{PROVIDER} AND (user_id = {USER} OR {SIDE} = 'system')"


def create_own_table(name: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of rows that a person has, with its policy."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"], ["users.provider_id", "users.id"], name=f"fk_{name}_provider_id_user_id"
        ),
    )
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {name} USING ({CONDITION}) WITH CHECK ({CONDITION})")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    create_own_table(
        "authenticators",
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_used_at", moment, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("provider_id", "user_id", name="uq_authenticators_provider_id_user_id"),
    )
    create_own_table(
        "recovery_codes",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        sa.UniqueConstraint("provider_id", "user_id", "hash", name="uq_recovery_codes_provider_id_user_id_hash"),
    )
    create_own_table(
        "passkeys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", JSONB(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_used_at", moment, nullable=True),
        sa.UniqueConstraint("provider_id", "credential_id", name="uq_passkeys_provider_id_credential_id"),
    )
    op.create_index("ix_passkeys_user", "passkeys", ["user_id"])
    op.add_column("browser_sessions", sa.Column("proved_at", moment, nullable=True))
    op.add_column(
        "providers",
        sa.Column("factor_roles", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
    op.add_column("organizations", sa.Column("factor_required_at", moment, nullable=True))
    for table in ("providers", "organizations"):
        op.add_column(table, sa.Column("factor_grace_days", sa.Integer(), server_default=sa.text("14"), nullable=False))


def downgrade() -> None:
    op.drop_column("organizations", "factor_required_at")
    op.drop_column("providers", "factor_roles")
    for table in ("providers", "organizations"):
        op.drop_column(table, "factor_grace_days")
    op.drop_column("browser_sessions", "proved_at")
    for table in ("passkeys", "recovery_codes", "authenticators"):
        op.drop_table(table)
