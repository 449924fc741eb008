"""Mailboxes, the addresses that lead to them, and every mail that arrived."""

import datetime as dt
import hashlib
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import Base, ProviderOwned, key_type

FATES = (*("case", "comment", "quarantine", "auto_reply", "bounce", "feedback_report", "duplicate", "own", "rejected"),)
MAILBOX_STATES = ("on", "off")


class Mailbox(ProviderOwned):
    """An address of the provider that is read. New cases that come to it go to its department, as its type."""

    __tablename__ = "mailboxes"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "address"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "department_id"], ["departments.provider_id", "departments.id"]),
        ForeignKeyConstraint(["provider_id", "request_type_id"], ["request_types.provider_id", "request_types.id"]),
        CheckConstraint("state IN ('on', 'off')", name="state"),
    )
    # In lower case.
    address: Mapped[str] = mapped_column(String(254))
    department_id: Mapped[uuid.UUID | None]
    request_type_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(key_type(), default="on")
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


class MailRoute(Base):
    """Which provider an address of a mailbox belongs to: read before the provider of a mail is known.

    The address is hashed, so that the table, which has no policy, tells nothing to who reads it.
    """

    __tablename__ = "mail_routes"
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    provider_id: Mapped[uuid.UUID]


def hash_address(address: str) -> bytes:
    """How `mail_routes` knows an address."""
    return hashlib.sha256(address.encode("utf-8", "replace")).digest()


class InboundMail(ProviderOwned):
    """One mail that arrived, and its fate. The original is in the storage under `storage_name`."""

    __tablename__ = "inbound_mails"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id", "mailbox_id"], ["mailboxes.provider_id", "mailboxes.id"]),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint(f"fate IN ({', '.join(repr(fate) for fate in FATES)})", name="fate"),
        Index("ix_inbound_mails_newest", "provider_id", "id"),
        Index("ix_inbound_mails_fate", "provider_id", "fate", "id"),
        Index("ix_inbound_mails_message", "provider_id", "message_id"),
        Index("ix_inbound_mails_content", "provider_id", "content_hash"),
        Index("ix_inbound_mails_sender", "provider_id", "sender_email", "received_at"),
        Index("ix_inbound_mails_case", "case_id", postgresql_where="case_id IS NOT NULL"),
    )
    mailbox_id: Mapped[uuid.UUID | None]
    received_at: Mapped[dt.datetime]
    # How it arrived: 'pipe', 'lmtp', 'smtp' or 'imap'.
    road: Mapped[str] = mapped_column(key_type())
    recipient: Mapped[str] = mapped_column(String(254))
    message_id: Mapped[str] = mapped_column(String(255))
    content_hash: Mapped[str] = mapped_column(String(64))
    sender_email: Mapped[str] = mapped_column(String(254))
    sender_name: Mapped[str]
    subject: Mapped[str]
    message_class: Mapped[str] = mapped_column(key_type())
    trusted: Mapped[bool]
    fate: Mapped[str] = mapped_column(key_type())
    # The code of the reason; `labels` has its sentence.
    reason: Mapped[str] = mapped_column(key_type())
    user_id: Mapped[uuid.UUID | None]
    # The case it became, joined, or would have joined. No foreign key: a mail in quarantine names a case of which it
    # is no part.
    case_id: Mapped[uuid.UUID | None]
    size: Mapped[int]
    # What intake saw: verdict, problems, attachments, copies, proposals.
    facts: Mapped[dict[str, Any]]
    # When somebody decided about a mail in quarantine, who, and how: 'released', 'attached', 'discarded'.
    handled_at: Mapped[dt.datetime | None]
    handled_by_id: Mapped[uuid.UUID | None]
    handled_as: Mapped[str] = mapped_column(key_type(), default="")

    @property
    def storage_name(self) -> str:
        """Where the original lies."""
        return f"{self.provider_id}/mail/{self.id}"

    @property
    def waits(self) -> bool:
        """Whether it is in quarantine and nobody has decided yet."""
        return self.fate == "quarantine" and self.handled_at is None


tenancy.set_policy("mailboxes", tenancy.by_staff())
tenancy.set_policy("inbound_mails", tenancy.by_staff())
tenancy.exempt_table("mail_routes", "a mail is looked up by its recipient before its provider is known")
