"""Help articles: categories, articles with an audience, published texts and versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_30_1000"
down_revision = "2026_11_30_0600"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
STAFF = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
POLICIES = {
    "help_article_organizations": f"{PROVIDER} AND ({STAFF} OR organization_id = ANY({ORGANIZATIONS}))",
    "help_articles": f"{PROVIDER} AND ({STAFF} OR state <> 'draft' AND (audience = 'everybody'"
    f" OR (audience = 'signed_in' OR audience = 'roles') AND {USER} IS NOT NULL"
    " OR audience = 'organizations' AND id IN (SELECT o.article_id FROM help_article_organizations o)))",
    "help_categories": f"{PROVIDER} AND ({STAFF}"
    " OR id IN (SELECT a.category_id FROM help_articles a WHERE a.state = 'published'))",
    "help_texts": f"{PROVIDER} AND article_id IN (SELECT a.id FROM help_articles a)",
    "help_versions": f"{PROVIDER} AND {STAFF}",
}


def of_article(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["provider_id", "article_id"],
        ["help_articles.provider_id", "help_articles.id"],
        name=op.f(f"fk_{table}_provider_id_article_id"),
        ondelete="CASCADE",
    )


def of_author(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["provider_id", "author_id"],
        ["users.provider_id", "users.id"],
        name=op.f(f"fk_{table}_provider_id_author_id"),
    )


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "help_categories",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_help_categories_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_categories")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_help_categories_provider_id_id")),
        sa.UniqueConstraint("provider_id", "slug", name=op.f("uq_help_categories_provider_id_slug")),
    )
    op.create_table(
        "help_articles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(70), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("audience", sa.String(40), nullable=False),
        sa.Column("roles", postgresql.JSONB(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("withdrawn_at", moment, nullable=True),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_help_articles_state")),
        sa.CheckConstraint(
            "audience IN ('everybody', 'signed_in', 'organizations', 'roles', 'staff')",
            name=op.f("ck_help_articles_audience"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "category_id"],
            ["help_categories.provider_id", "help_categories.id"],
            name=op.f("fk_help_articles_provider_id_category_id"),
        ),
        of_author("help_articles"),
        sa.ForeignKeyConstraint(
            ["provider_id", "replaced_by_id"],
            ["help_articles.provider_id", "help_articles.id"],
            name=op.f("fk_help_articles_provider_id_replaced_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_articles")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_help_articles_provider_id_id")),
        sa.UniqueConstraint("provider_id", "slug", name=op.f("uq_help_articles_provider_id_slug")),
    )
    op.create_index("ix_help_articles_category", "help_articles", ["provider_id", "category_id"])
    op.create_table(
        "help_article_organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        of_article("help_article_organizations"),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_help_article_organizations_provider_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_article_organizations")),
        sa.UniqueConstraint(
            "article_id", "organization_id", name=op.f("uq_help_article_organizations_article_id_organization_id")
        ),
    )
    op.create_index("ix_help_article_organizations_organization", "help_article_organizations", ["organization_id"])
    op.create_table(
        "help_texts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("title_words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("published_at", moment, nullable=False),
        of_article("help_texts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_texts")),
        sa.UniqueConstraint("article_id", "language", name=op.f("uq_help_texts_article_id_language")),
    )
    op.create_index("ix_help_texts_provider", "help_texts", ["provider_id", "article_id"])
    op.create_table(
        "help_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        of_article("help_versions"),
        of_author("help_versions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_versions")),
        sa.UniqueConstraint(
            "article_id", "language", "number", name=op.f("uq_help_versions_article_id_language_number")
        ),
    )
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")
    for table in ("help_articles", "help_article_organizations"):
        op.execute(
            f"CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION stamp_provider()"
        )


def downgrade() -> None:
    for table in ("help_categories", "help_texts", "help_articles"):  # they read the other tables
        op.execute(f"DROP POLICY tenant ON {table}")
    for table in ("help_versions", "help_texts", "help_article_organizations", "help_articles", "help_categories"):
        op.drop_table(table)
