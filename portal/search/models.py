"""Search documents, one a case. The words of notes are in a separate table, so that the portal cannot find notes."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, false
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, UUID
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import Base

# New tokens go into the index at once, not onto the pending list, which every search would read.
AT_ONCE: Any = {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}}


class SearchDocument(Base):
    """The tokens of a case, and who may find it: read only by the function `search_cases`, written by `actions`."""

    __tablename__ = "search_documents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
        ),
        Index("ix_search_documents_public", "public_words", **AT_ONCE),
        Index("ix_search_documents_updated", "provider_id", "updated_at"),
        Index("ix_search_documents_home", "organization_id", "updated_at"),
        Index("ix_search_documents_stale", "provider_id", "case_id", postgresql_where="stale"),
    )
    case_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    shared: Mapped[bool]
    # Reporter, contact and whoever has a grant: ids of persons, and of further organizations.
    people: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID(as_uuid=True)))
    public_words: Mapped[str] = mapped_column(TSVECTOR)
    updated_at: Mapped[dt.datetime]
    # A migration marks documents of an older tokenizer; `actions.rebuild` rebuilds them.
    stale: Mapped[bool] = mapped_column(default=False, server_default=false())


class SearchNotes(Base):
    """The tokens of a case's notes: an index of notes is a note, so row-level security shows it to staff only."""

    __tablename__ = "search_notes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
        ),
        Index("ix_search_notes_words", "words", **AT_ONCE),
    )
    case_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    words: Mapped[str] = mapped_column(TSVECTOR)


tenancy.set_policy("search_documents", tenancy.by_organization(granted="case_id"))
tenancy.set_policy("search_notes", tenancy.by_staff())
