"""The public status page: what is said of an announcement to everybody, in words of its own."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_1100"
down_revision = "2026_11_30_1040"
branch_labels = None
depends_on = None

# Everybody may read these rows, without sign-in: they hold public words and no client.
PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "status_posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("starts_at", moment, nullable=True),
        sa.Column("ends_at", moment, nullable=True),
        sa.Column("published_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("next_update_at", moment, nullable=True),
        sa.Column("changed_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "announcement_id"],
            ["announcements.provider_id", "announcements.id"],
            name=op.f("fk_status_posts_provider_id_announcement_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_posts")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_status_posts_provider_id_id")),
        sa.UniqueConstraint("provider_id", "announcement_id", name=op.f("uq_status_posts_provider_id_announcement_id")),
    )
    op.create_table(
        "status_updates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "post_id"],
            ["status_posts.provider_id", "status_posts.id"],
            name=op.f("fk_status_updates_provider_id_post_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_updates")),
    )
    op.create_index("ix_status_updates_post", "status_updates", ["post_id", "id"])
    for table in ("status_posts", "status_updates"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({PROVIDER}) WITH CHECK ({PROVIDER})")
    op.execute(
        "CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON status_posts FOR EACH STATEMENT"
        " EXECUTE FUNCTION stamp_provider()"
    )


def downgrade() -> None:
    op.drop_table("status_updates")
    op.drop_table("status_posts")
