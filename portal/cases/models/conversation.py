"""Messages: replies, notes, resolutions and rejections in the order they were recorded."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portal.attachments.models import Attachment
from portal.cases.models.case import CASE, PLACE
from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type

PUBLIC_KINDS = ("reply", "resolution", "rejection")


class Message(ProviderOwned):
    """One message of a case. Notes are for staff only; the row-level policy enforces it."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "account_id", "case_id", "id"),
        UniqueConstraint("case_id", "position"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "author_id"], ["users.provider_id", "users.id"]),
        # An answer refers to a message of the same case.
        ForeignKeyConstraint(
            [*PLACE, "in_reply_to_id"],
            ["messages.provider_id", *(f"messages.{column}" for column in PLACE[1:]), "messages.id"],
            name="fk_messages_in_reply_to",
        ),
        CheckConstraint("kind IN ('reply', 'note', 'resolution', 'rejection')", name="kind"),
        Index("ix_messages_once", "case_id", "once", unique=True, postgresql_where="once IS NOT NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(key_type())
    # True for a question of support that waits for the customer's answer.
    asks: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str]
    # For a resolution: how the customer can check it.
    check: Mapped[str] = mapped_column(default="")
    author_id: Mapped[uuid.UUID | None]
    author_side: Mapped[str] = mapped_column(key_type())
    # The person for whom the author wrote it, if they wrote for somebody else.
    for_name: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(key_type())
    external_id: Mapped[str | None] = mapped_column(String(255))
    emailed: Mapped[bool] = mapped_column(default=True)
    occurred_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    idempotency_key: Mapped[str | None] = mapped_column("once", String(64))
    # The message to which its author answered by "Reply to this"; notes are answered by notes only.
    in_reply_to_id: Mapped[uuid.UUID | None]
    # Whom it mentions, staff in notes and people of the case elsewhere: `user` (id) and `text` (the name as it was
    # written), in the order of the text.
    mentions: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    # What was folded of a mail: quoted text and signature. Pages load only whether there is any.
    quoted: Mapped[str | None] = mapped_column(deferred=True)
    has_quoted: Mapped[bool] = column_property(quoted.is_not(None))

    author: Mapped[User | None] = relationship(lazy="raise_on_sql", viewonly=True)
    files: Mapped[list[Attachment]] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Message.id == Attachment.message_id",
        foreign_keys="Attachment.message_id",
        order_by=Attachment.id,
    )

    @property
    def is_note(self) -> bool:
        return self.kind == "note"


tenancy.set_policy(
    "messages", tenancy.by_organization(granted="case_id") + f" AND ({tenancy.STAFF_OR_SYSTEM} OR kind <> 'note')"
)
