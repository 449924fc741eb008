"""Categories, articles with their audience, the texts that readers see, and every version that was written.

Drafts stand in a table of their own that only staff may read (`help_versions`). Publishing copies a version to
`help_texts`, one row for each language.
"""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type

_ARTICLE = ["help_articles.provider_id", "help_articles.id"]


class HelpCategory(ProviderOwned):
    """A heading under which articles stand. `names` holds its name by language."""

    __tablename__ = "help_categories"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "slug"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    slug: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    names: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)


class HelpArticle(ProviderOwned):
    """An article: its place, its state and its audience. Its words are in `HelpText` and `HelpVersion`."""

    __tablename__ = "help_articles"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "slug"),
        ForeignKeyConstraint(["provider_id", "category_id"], ["help_categories.provider_id", "help_categories.id"]),
        ForeignKeyConstraint(["provider_id", "author_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "replaced_by_id"], _ARTICLE),
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="state"),
        CheckConstraint("audience IN ('everybody', 'signed_in', 'organizations', 'roles', 'staff')", name="audience"),
        Index("ix_help_articles_category", "provider_id", "category_id"),
    )
    category_id: Mapped[uuid.UUID]
    slug: Mapped[str] = mapped_column(String(70))
    state: Mapped[str] = mapped_column(key_type(), default="draft")
    audience: Mapped[str] = mapped_column(key_type(), default="staff")
    # The roles of access rows that read it, where the audience is 'roles'.
    roles: Mapped[list[Any]] = mapped_column(default=list)
    # From this day on the article is on the editors' list of those to read again.
    review_on: Mapped[dt.date | None]
    author_id: Mapped[uuid.UUID | None]
    author_name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]
    # What to read instead of a withdrawn article.
    replaced_by_id: Mapped[uuid.UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    category: Mapped[HelpCategory] = relationship(lazy="raise_on_sql", viewonly=True)


class HelpArticleOrganization(ProviderOwned):
    """An organization whose people read an article, where the audience is 'organizations'."""

    __tablename__ = "help_article_organizations"
    __table_args__ = (
        UniqueConstraint("article_id", "organization_id"),
        ForeignKeyConstraint(["provider_id", "article_id"], _ARTICLE, ondelete="CASCADE"),
        ForeignKeyConstraint(["provider_id", "organization_id"], ["organizations.provider_id", "organizations.id"]),
        Index("ix_help_article_organizations_organization", "organization_id"),
    )
    organization_id: Mapped[uuid.UUID]
    article_id: Mapped[uuid.UUID]


class HelpText(ProviderOwned):
    """The words of an article in one language, as readers see them: a copy of one version."""

    __tablename__ = "help_texts"
    __table_args__ = (
        UniqueConstraint("article_id", "language"),
        ForeignKeyConstraint(["provider_id", "article_id"], _ARTICLE, ondelete="CASCADE"),
        Index("ix_help_texts_provider", "provider_id", "article_id"),
    )
    article_id: Mapped[uuid.UUID]
    language: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    # The tokens of `kernel.tokenizer`: of the title, and of everything.
    title_words: Mapped[str] = mapped_column(TSVECTOR)
    words: Mapped[str] = mapped_column(TSVECTOR)
    published_at: Mapped[dt.datetime]
    article: Mapped[HelpArticle] = relationship(lazy="raise_on_sql", viewonly=True)


class HelpVersion(ProviderOwned):
    """One saved state of an article's words in one language; written once. Staff only, because drafts are here."""

    __tablename__ = "help_versions"
    __table_args__ = (
        UniqueConstraint("article_id", "language", "number"),
        ForeignKeyConstraint(["provider_id", "article_id"], _ARTICLE, ondelete="CASCADE"),
        ForeignKeyConstraint(["provider_id", "author_id"], ["users.provider_id", "users.id"]),
    )
    article_id: Mapped[uuid.UUID]
    language: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    author_id: Mapped[uuid.UUID | None]
    author_name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[dt.datetime]


class HelpPicture(ProviderOwned):
    """A picture of an article, drawn anew when it was added. The text names it by `key` (`kernel.picture_lines`).

    Readers see it while a published text of the article names it (`shown`).
    """

    __tablename__ = "help_pictures"
    __table_args__ = (
        UniqueConstraint("article_id", "key"),
        ForeignKeyConstraint(["provider_id", "article_id"], _ARTICLE, ondelete="CASCADE"),
        Index("ix_help_pictures_provider", "provider_id", "article_id"),
    )
    article_id: Mapped[uuid.UUID]
    key: Mapped[str] = mapped_column(String(64))
    # In CSS pixels, on a page.
    width: Mapped[int] = mapped_column(SmallInteger)
    height: Mapped[int] = mapped_column(SmallInteger)
    shown: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[dt.datetime]

    @property
    def storage_name(self) -> str:
        """Where the bytes lie: by provider and id."""
        return f"{self.provider_id}/{self.id}"


class HelpVote(ProviderOwned):
    """What a signed-in person said about an article: whether it helped, and what was missing. One row a person."""

    __tablename__ = "help_votes"
    __table_args__ = (
        UniqueConstraint("article_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "article_id"], _ARTICLE, ondelete="CASCADE"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
    )
    article_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    helpful: Mapped[bool]
    why: Mapped[str] = mapped_column(default="")
    voted_at: Mapped[dt.datetime]


class HelpRead(ProviderOwned):
    """A customer read an article on a day (UTC): one row a person, article and day."""

    __tablename__ = "help_reads"
    __table_args__ = (
        UniqueConstraint("article_id", "user_id", "read_on"),
        ForeignKeyConstraint(["provider_id", "article_id"], _ARTICLE, ondelete="CASCADE"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_help_reads_provider", "provider_id", "read_at"),
    )
    article_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    read_on: Mapped[dt.date]
    # The first time on that day.
    read_at: Mapped[dt.datetime]


class HelpReadCount(ProviderOwned):
    """How many customers read an article on a day (UTC), without who: whoever may read the article may rank by it."""

    __tablename__ = "help_read_counts"
    __table_args__ = (
        UniqueConstraint("article_id", "read_on"),
        ForeignKeyConstraint(["provider_id", "article_id"], _ARTICLE, ondelete="CASCADE"),
        Index("ix_help_read_counts_provider", "provider_id", "read_on"),
    )
    article_id: Mapped[uuid.UUID]
    read_on: Mapped[dt.date]
    readers: Mapped[int]


class HelpMiss(ProviderOwned):
    """Words that a customer searched for in the help articles on a day (UTC) and that no article has."""

    __tablename__ = "help_misses"
    __table_args__ = (
        UniqueConstraint("user_id", "words", "searched_on"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_help_misses_provider", "provider_id", "searched_at"),
    )
    user_id: Mapped[uuid.UUID]
    # Without capitals and double spaces, so that the same question is one line of the list.
    words: Mapped[str] = mapped_column(String(120))
    searched_on: Mapped[dt.date]
    searched_at: Mapped[dt.datetime]


# Of these policies each reads only tables further down, so none reads itself. The parts are constants and end up in
# migrations; they are never user input.
_PUBLISHED = "id IN (SELECT a.category_id FROM help_articles a WHERE a.state = 'published')"
_VISIBLE = "article_id IN (SELECT a.id FROM help_articles a)"
_AUDIENCE = (
    f"audience = 'everybody' OR (audience = 'signed_in' OR audience = 'roles') AND {tenancy.USER} IS NOT NULL"  # noqa: S608
    " OR audience = 'organizations' AND id IN (SELECT o.article_id FROM help_article_organizations o)"
)
tenancy.set_policy("help_categories", f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM} OR {_PUBLISHED})")
tenancy.set_policy("help_texts", f"{tenancy.by_provider()} AND {_VISIBLE}")
tenancy.set_policy(
    "help_articles",
    f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM} OR state <> 'draft' AND ({_AUDIENCE}))",
)
tenancy.set_policy(
    "help_pictures",
    f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM}"  # noqa: S608
    " OR shown AND article_id IN (SELECT a.id FROM help_articles a WHERE a.state = 'published'))",
)
tenancy.set_policy("help_article_organizations", tenancy.by_organization())
tenancy.set_policy("help_versions", tenancy.by_staff())
tenancy.set_policy("help_votes", f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM} OR user_id = {tenancy.USER})")
_OWN = f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM} OR user_id = {tenancy.USER})"
tenancy.set_policy("help_reads", _OWN)
tenancy.set_policy("help_read_counts", f"{tenancy.by_provider()} AND {_VISIBLE}")
tenancy.set_policy("help_misses", _OWN)
config_cache.register_config_tables("help_articles")
config_cache.register_config_tables("help_article_organizations")
