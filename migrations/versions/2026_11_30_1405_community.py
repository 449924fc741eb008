"""The community: spaces, topics, posts with their versions, votes, follows, reports and blocks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_30_1405"
down_revision = "2026_11_30_1100"
branch_labels = None
depends_on = None

PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
HOUSE = "(SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
POLICIES = {
    "community_blocks": f"{PROVIDER} AND ({HOUSE} OR user_id = {USER})",
    "community_members": f"{PROVIDER}",
    "community_spaces": f"{PROVIDER} AND ({HOUSE} OR active AND (everybody AND {USER} IS NOT NULL OR id IN (SELECT o.space_id FROM community_space_organizations o)))",
    "community_space_organizations": f"{PROVIDER} AND ({HOUSE} OR organization_id = ANY({ORGANIZATIONS}))",
    "community_topics": f"{PROVIDER} AND ({HOUSE} OR space_id IN (SELECT s.id FROM community_spaces s) AND (state = 'shown' OR author_id = {USER}))",
    "community_watches": f"{PROVIDER} AND {HOUSE}",
    "community_follows": f"{PROVIDER} AND ({HOUSE} OR user_id = {USER})",
    "community_posts": f"{PROVIDER} AND ({HOUSE} OR topic_id IN (SELECT t.id FROM community_topics t) AND (state = 'shown' OR author_id = {USER}))",
    "community_post_versions": f"{PROVIDER} AND ({HOUSE} OR author_id = {USER})",
    "community_reports": f"{PROVIDER} AND ({HOUSE} OR user_id = {USER})",
    "community_votes": f"{PROVIDER} AND ({HOUSE} OR user_id = {USER})",
}
# Their changes renew the version of the provider's configuration: the menu depends on them.
STAMPED = ("community_spaces", "community_space_organizations")


def upgrade() -> None:
    op.create_table(
        "community_blocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "made_by_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_community_blocks_provider_id_made_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_community_blocks_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_blocks")),
        sa.UniqueConstraint("provider_id", "user_id", name=op.f("uq_community_blocks_provider_id_user_id")),
    )
    op.create_table(
        "community_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_community_members_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_members")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_community_members_provider_id_number")),
        sa.UniqueConstraint("provider_id", "user_id", name=op.f("uq_community_members_provider_id_user_id")),
    )
    op.create_table(
        "community_spaces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("aliased", sa.Boolean(), nullable=False),
        sa.Column("holds_first", sa.Boolean(), nullable=False),
        sa.Column("due_hours", sa.SmallInteger(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("due_hours >= 0", name=op.f("ck_community_spaces_due_hours")),
        sa.ForeignKeyConstraint(
            ["provider_id", "calendar_id"],
            ["sla_calendars.provider_id", "sla_calendars.id"],
            name=op.f("fk_community_spaces_provider_id_calendar_id"),
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_community_spaces_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_spaces")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_community_spaces_provider_id_id")),
    )
    op.create_table(
        "community_space_organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_community_space_organizations_provider_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "space_id"],
            ["community_spaces.provider_id", "community_spaces.id"],
            name=op.f("fk_community_space_organizations_provider_id_space_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_space_organizations")),
        sa.UniqueConstraint(
            "space_id", "organization_id", name=op.f("uq_community_space_organizations_space_id_organization_id")
        ),
    )
    op.create_index(
        "ix_community_space_organizations_organization",
        "community_space_organizations",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "community_topics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_side", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_post_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("official_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed_up", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('held', 'shown', 'hidden')", name=op.f("ck_community_topics_state")),
        sa.ForeignKeyConstraint(
            ["provider_id", "author_id"],
            ["community_members.provider_id", "community_members.user_id"],
            name=op.f("fk_community_topics_provider_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "space_id"],
            ["community_spaces.provider_id", "community_spaces.id"],
            name=op.f("fk_community_topics_provider_id_space_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_topics")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_community_topics_provider_id_id")),
    )
    op.create_index("ix_community_topics_author", "community_topics", ["author_id", "last_post_at", "id"], unique=False)
    op.create_index(
        "ix_community_topics_due",
        "community_topics",
        ["provider_id", "due_at", "id"],
        unique=False,
        postgresql_where="due_at IS NOT NULL",
    )
    op.create_index(
        "ix_community_topics_newest", "community_topics", ["provider_id", "last_post_at", "id"], unique=False
    )
    op.create_index(
        "ix_community_topics_solved",
        "community_topics",
        ["provider_id", "last_post_at", "id"],
        unique=False,
        postgresql_where="solved_at IS NOT NULL",
    )
    op.create_index("ix_community_topics_space", "community_topics", ["space_id", "last_post_at", "id"], unique=False)
    op.create_index(
        "ix_community_topics_unanswered",
        "community_topics",
        ["provider_id", "last_post_at", "id"],
        unique=False,
        postgresql_where="answered_at IS NULL",
    )
    op.create_table(
        "community_watches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "space_id"],
            ["community_spaces.provider_id", "community_spaces.id"],
            name=op.f("fk_community_watches_provider_id_space_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_community_watches_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_watches")),
        sa.UniqueConstraint("space_id", "user_id", name=op.f("uq_community_watches_space_id_user_id")),
    )
    op.create_table(
        "community_follows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "topic_id"],
            ["community_topics.provider_id", "community_topics.id"],
            name=op.f("fk_community_follows_provider_id_topic_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_community_follows_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_follows")),
        sa.UniqueConstraint("topic_id", "user_id", name=op.f("uq_community_follows_topic_id_user_id")),
    )
    op.create_index("ix_community_follows_user", "community_follows", ["user_id", "topic_id"], unique=False)
    op.create_table(
        "community_posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_side", sa.String(length=40), nullable=False),
        sa.Column("opens", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("helpful", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_why", sa.Text(), nullable=False),
        sa.Column("case_state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "case_state IN ('', 'proposed', 'declined', 'opened')", name=op.f("ck_community_posts_case_state")
        ),
        sa.CheckConstraint("state IN ('held', 'shown', 'hidden')", name=op.f("ck_community_posts_state")),
        sa.ForeignKeyConstraint(
            ["provider_id", "author_id"],
            ["community_members.provider_id", "community_members.user_id"],
            name=op.f("fk_community_posts_provider_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "proposed_by_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_community_posts_provider_id_proposed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "topic_id"],
            ["community_topics.provider_id", "community_topics.id"],
            name=op.f("fk_community_posts_provider_id_topic_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_posts")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_community_posts_provider_id_id")),
    )
    op.create_index("ix_community_posts_author", "community_posts", ["author_id", "id"], unique=False)
    op.create_index("ix_community_posts_state", "community_posts", ["provider_id", "state", "id"], unique=False)
    op.create_index("ix_community_posts_topic", "community_posts", ["topic_id", "id"], unique=False)
    op.create_index(
        "uq_community_posts_accepted", "community_posts", ["topic_id"], unique=True, postgresql_where="accepted"
    )
    op.create_index(
        "uq_community_posts_question", "community_posts", ["topic_id"], unique=True, postgresql_where="opens"
    )
    op.create_table(
        "community_post_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "author_id"],
            ["community_members.provider_id", "community_members.user_id"],
            name=op.f("fk_community_post_versions_provider_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "post_id"],
            ["community_posts.provider_id", "community_posts.id"],
            name=op.f("fk_community_post_versions_provider_id_post_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_post_versions")),
        sa.UniqueConstraint("post_id", "number", name=op.f("uq_community_post_versions_post_id_number")),
    )
    op.create_index("ix_community_post_versions_author", "community_post_versions", ["author_id", "id"], unique=False)
    op.create_table(
        "community_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "post_id"],
            ["community_posts.provider_id", "community_posts.id"],
            name=op.f("fk_community_reports_provider_id_post_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_community_reports_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_reports")),
        sa.UniqueConstraint("post_id", "user_id", name=op.f("uq_community_reports_post_id_user_id")),
    )
    op.create_index(
        "ix_community_reports_open",
        "community_reports",
        ["provider_id", "id"],
        unique=False,
        postgresql_where="decided_at IS NULL",
    )
    op.create_index("ix_community_reports_user", "community_reports", ["user_id", "id"], unique=False)
    op.create_table(
        "community_votes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "post_id"],
            ["community_posts.provider_id", "community_posts.id"],
            name=op.f("fk_community_votes_provider_id_post_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_community_votes_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_votes")),
        sa.UniqueConstraint("post_id", "user_id", name=op.f("uq_community_votes_post_id_user_id")),
    )

    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})")
    for table in STAMPED:
        op.execute(
            f"CREATE TRIGGER stamp AFTER INSERT OR DELETE OR UPDATE ON {table} FOR EACH STATEMENT"
            " EXECUTE FUNCTION stamp_provider()"
        )


def downgrade() -> None:
    for table in reversed(POLICIES):
        op.execute(f"DROP POLICY tenant ON {table}")
    for table in reversed(POLICIES):
        op.drop_table(table)
