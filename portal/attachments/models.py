"""An attachment is a row about a stored blob. Until it is attached it belongs to the person who uploaded it."""

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned

_MAIL_ENDINGS = (".eml", ".msg")


def holds_mail(filename: str, media_type: str) -> bool:
    """Whether a file with this name and type may be an email that can be read as text."""
    name = filename.lower()
    return name.endswith(_MAIL_ENDINGS) or name == "winmail.dat" or media_type == "message/rfc822"


class Attachment(ProviderOwned):
    """One file. `case_id` is empty while staged; `message_id` is empty for files of the opening form."""

    __tablename__ = "attachments"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "uploaded_by_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id", "message_id"],
            [
                "messages.provider_id",
                "messages.organization_id",
                "messages.account_id",
                "messages.case_id",
                "messages.id",
            ],
        ),
        # A composite key with one NULL in it is not checked: the place is whole or absent.
        CheckConstraint(
            "num_nulls(organization_id, account_id, case_id) IN (0, 3) AND (message_id IS NULL OR case_id IS NOT NULL)",
            name="place",
        ),
        CheckConstraint("num_nulls(thumbnail_width, thumbnail_height) <> 1", name="thumbnail"),
        Index("ix_attachments_case", "case_id"),
        Index("ix_attachments_hash", "provider_id", "sha256", postgresql_where="case_id IS NOT NULL"),
        Index(
            "ix_attachments_staged", "provider_id", "uploaded_by_id", "created_at", postgresql_where="case_id IS NULL"
        ),
    )
    organization_id: Mapped[uuid.UUID | None]
    account_id: Mapped[uuid.UUID | None]
    case_id: Mapped[uuid.UUID | None]
    message_id: Mapped[uuid.UUID | None]
    uploaded_by_id: Mapped[uuid.UUID]
    # Belongs to an internal note: staff only, everywhere.
    internal: Mapped[bool] = mapped_column(default=False)
    # A picture of a mail's signature: shown behind a line, below the files that somebody attached.
    folded: Mapped[bool] = mapped_column(default=False)
    filename: Mapped[str]
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime]
    # The size in CSS pixels of the picture's thumbnail; empty while, or where, there is none.
    thumbnail_width: Mapped[int | None] = mapped_column(SmallInteger)
    thumbnail_height: Mapped[int | None] = mapped_column(SmallInteger)

    @property
    def storage_name(self) -> str:
        """Where the bytes lie: by provider and id, never by a name that a person chose."""
        return f"{self.provider_id}/{self.id}"

    @property
    def holds_mail(self) -> bool:
        """Whether it may be an email, which can be read as text."""
        return holds_mail(self.filename, self.media_type)

    @property
    def thumbnail_storage_name(self) -> str:
        """Where the bytes of the thumbnail lie."""
        return f"{self.storage_name}-thumbnail"


tenancy.set_policy(
    "attachments",
    tenancy.by_organization(granted="case_id", also=f"(case_id IS NULL AND uploaded_by_id = {tenancy.USER})")
    + f" AND ({tenancy.STAFF_OR_SYSTEM} OR NOT internal)",
)
