"""Files of people that were uploaded and wait for their import, or were imported a short time ago."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type


class ImportDraft(ProviderOwned):
    """An uploaded file as it was read; only its uploader sees it, and its time is short."""

    __tablename__ = "import_drafts"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("state IN ('planning', 'ready', 'importing', 'inviting', 'done')", name="state"),
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
    # When the import ended, also one that was stopped.
    imported_at: Mapped[dt.datetime | None]
    # planning: a worker finds out what would become of the rows; ready: the preview waits for an answer; importing and
    # inviting: a worker is at it, batch by batch; done.
    state: Mapped[str] = mapped_column(key_type(), default="ready", server_default="ready")
    # How many of how many rows (of `inviting`: people) the worker has done.
    cursor: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    # Whether the import mails invitations.
    invite: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether the preview was made anew because something changed after the answer to it.
    outdated: Mapped[bool] = mapped_column(default=False, server_default=false())
    # For each row its number, fate, what it makes and changes, and [column, sentence] of its problems: empty for a
    # short file that waits for an answer, whose preview is made when it is shown.
    fates: Mapped[list[Any]] = mapped_column(default=list)
    # The contacts that the import made.
    contact_ids: Mapped[list[Any]] = mapped_column(default=list)


tenancy.set_policy("import_drafts", tenancy.by_owner())
