"""Presets: status words per language and side, the provider's question, branding, rules of a case's life."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_0200"
down_revision = "2026_11_26_0100"
branch_labels = None
depends_on = None

EMPTY = sa.text("'{}'::jsonb")
TENANT = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"


def words(name: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(), nullable=False, server_default=EMPTY)


def text(name: str, default: str = "") -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def key(name: str, default: str) -> sa.Column:
    return sa.Column(name, sa.String(40), nullable=False, server_default=default)


def flag(name: str, default: bool) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text(str(default).lower()))


def provider_columns() -> list[sa.Column]:
    return [
        text("display_name"),
        sa.Column("accent", sa.String(7), nullable=False, server_default=""),
        text("logo_file"),
        key("logo_type", ""),
        words("status_words"),
        words("phrases"),
        key("severity_question", "levels"),
        text("severity_text"),
        flag("customer_decides", True),
        key("who_closes", "both"),
        key("registration", "invited"),
    ]


CHECKS = {
    "accent": "accent = '' OR accent ~ '^#[0-9a-f]{6}$'",
    "severity_question": "severity_question IN ('levels', 'impact', 'none')",
    "who_closes": "who_closes IN ('both', 'contact', 'staff')",
    "registration": "registration IN ('invited', 'contacts', 'anyone')",
}


def upgrade() -> None:
    for column in provider_columns():
        op.add_column("providers", column)
        op.alter_column("providers", column.name, server_default=None)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_providers_{name}"), "providers", condition)
    op.add_column("request_types", words("fields"))
    op.alter_column("request_types", "fields", server_default=None)
    op.add_column("cases", text("severity_answer"))
    op.alter_column("cases", "severity_answer", server_default=None)
    op.create_table(
        "severity_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_severity_answers")),
        sa.UniqueConstraint("provider_id", "key", name=op.f("uq_severity_answers_provider_id_key")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_severity_answers_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "rank"],
            ["severity_levels.provider_id", "severity_levels.rank"],
            name=op.f("fk_severity_answers_provider_id_rank_severity_levels"),
        ),
    )
    op.execute("ALTER TABLE severity_answers ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE severity_answers FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON severity_answers USING ({TENANT}) WITH CHECK ({TENANT})")


def downgrade() -> None:
    op.drop_table("severity_answers")
    op.drop_column("cases", "severity_answer")
    op.drop_column("request_types", "fields")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_providers_{name}"), "providers")
    for column in reversed(provider_columns()):
        op.drop_column("providers", column.name)
