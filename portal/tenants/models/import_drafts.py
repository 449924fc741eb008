"""Files of people that were uploaded and wait for their import, or were imported a short time ago."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned


class ImportDraft(ProviderOwned):
    """An uploaded file as it was read; only its uploader sees it, and its time is short."""

    __tablename__ = "import_drafts"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_import_drafts_user", "user_id", "expires_at"),
    )
    user_id: Mapped[uuid.UUID]
    # The name of the file; '' for pasted lines.
    name: Mapped[str] = mapped_column(default="")
    encoding: Mapped[str] = mapped_column(String(20), default="utf-8")
    headings: Mapped[list[Any]]
    # [number of the line, cells] for each row.
    rows: Mapped[list[Any]]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    imported_at: Mapped[dt.datetime | None]
    # Once imported: for each row its number, fate, what it made and changed, and [column, sentence] of its problems.
    fates: Mapped[list[Any]] = mapped_column(default=list)
    # The contacts that the import made.
    contact_ids: Mapped[list[Any]] = mapped_column(default=list)


tenancy.set_policy("import_drafts", tenancy.by_owner())
