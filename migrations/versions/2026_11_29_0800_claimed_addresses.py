"""Addresses that somebody named while they belong to a person whom they may not see; persons that became one."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_0800"
down_revision = "2026_11_29_0750"
branch_labels = None
depends_on = None

PLACE = ["provider_id", "organization_id", "contact_id"]
CONTACT = ["provider_id", "organization_id", "id", "user_id"]
# Table to its column for the person of a contact: it follows when the contact becomes another person's.
FOLLOWING = {"cases": "contact_user_id", "contact_access": "user_id"}
# The owner of the tables is bound by the policies too.
FREE = "ALTER TABLE addresses NO FORCE ROW LEVEL SECURITY"
FORCED = "ALTER TABLE addresses FORCE ROW LEVEL SECURITY"


def upgrade() -> None:
    op.add_column("addresses", sa.Column("claimed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_constraint("uq_addresses_provider_id_email_folded", "addresses", type_="unique")
    op.create_index("ix_addresses_email", "addresses", ["provider_id", "email_folded"], unique=False)
    op.create_index(
        "ix_addresses_holder",
        "addresses",
        ["provider_id", "email_folded"],
        unique=True,
        postgresql_where=sa.text("NOT claimed"),
    )
    op.add_column("users", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_users_provider_id_merged_into_id"),
        "users",
        "users",
        ["provider_id", "merged_into_id"],
        ["provider_id", "id"],
    )
    make_keys("CASCADE")


def downgrade() -> None:
    make_keys(None)
    op.drop_constraint(op.f("fk_users_provider_id_merged_into_id"), "users", type_="foreignkey")
    op.drop_column("users", "merged_into_id")
    op.execute(FREE)
    op.execute("DELETE FROM addresses WHERE claimed")
    op.execute(FORCED)
    op.drop_index("ix_addresses_holder", table_name="addresses")
    op.drop_index("ix_addresses_email", table_name="addresses")
    op.create_unique_constraint("uq_addresses_provider_id_email_folded", "addresses", ["provider_id", "email_folded"])
    op.drop_column("addresses", "claimed")


def make_keys(onupdate: str | None) -> None:
    """Make the keys of FOLLOWING anew."""
    for table, column in FOLLOWING.items():
        name = op.f(f"fk_{table}_{'_'.join([*PLACE, column])}")
        op.drop_constraint(name, table, type_="foreignkey")
        op.create_foreign_key(name, table, "contacts", [*PLACE, column], CONTACT, onupdate=onupdate)
