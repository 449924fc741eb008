"""Mailboxes, the addresses that lead to them, and every mail that arrived."""

import datetime as dt
import hashlib
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    literal_column,
)
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
    # Since when it is known that a mail that goes out through it comes back; without that it stays off.
    proven_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


class MailboxConnection(ProviderOwned):
    """The servers of a mailbox that is read by IMAP, how far it was read, and what went wrong."""

    __tablename__ = "mailbox_connections"
    __table_args__ = (
        UniqueConstraint("provider_id", "mailbox_id"),
        ForeignKeyConstraint(["provider_id", "mailbox_id"], ["mailboxes.provider_id", "mailboxes.id"]),
    )
    mailbox_id: Mapped[uuid.UUID]
    # Addresses of the servers without passwords (`servers.address`). '' for sending: SMTP_URL.
    imap_url: Mapped[str]
    smtp_url: Mapped[str] = mapped_column(default="")
    # The passwords, encrypted: {"imap": …, "smtp": …}.
    secrets: Mapped[str]
    # While the validity is the same, a UID means the same message; messages up to `last_uid` are taken in.
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    # Messages below it were there when reading began: only those that nobody had read are taken in.
    first_uid: Mapped[int] = mapped_column(BigInteger, default=1)
    # How often reading began and ended without one message taken in.
    stalled: Mapped[int] = mapped_column(default=0)
    # Until when one worker reads it.
    claimed_until: Mapped[dt.datetime | None]
    next_read_at: Mapped[dt.datetime | None]
    # When it was last read to its end.
    read_at: Mapped[dt.datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    # The last failure: its code (`servers.failures`), the server's words, and when; '' since it worked again.
    failure: Mapped[str] = mapped_column(key_type(), default="")
    failure_words: Mapped[str] = mapped_column(default="")
    failed_at: Mapped[dt.datetime | None]
    # Since when it is not read any more, because it failed too often.
    paused_at: Mapped[dt.datetime | None]

    @property
    def secrets_purpose(self) -> str:
        """What its passwords are encrypted for."""
        return f"mailbox {self.provider_id} {self.mailbox_id}"


# The steps of a test, in their order.
TEST_STEPS = ("read", "send", "return")


class MailboxTest(ProviderOwned):
    """One try to send a mail out through a mailbox and get it back."""

    __tablename__ = "mailbox_tests"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "mailbox_id"], ["mailboxes.provider_id", "mailboxes.id"]),
        CheckConstraint("state IN ('waiting', 'sent', 'returned', 'failed')", name="state"),
        Index("ix_mailbox_tests_newest", "provider_id", "mailbox_id", "id"),
        Index("ix_mailbox_tests_open", "provider_id", postgresql_where="state IN ('waiting', 'sent')"),
    )
    mailbox_id: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(key_type(), default="waiting")
    started_at: Mapped[dt.datetime]
    started_by: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    # Of a failed test: one of TEST_STEPS, the code of the failure, and the server's words.
    failed_step: Mapped[str] = mapped_column(key_type(), default="")
    failure: Mapped[str] = mapped_column(key_type(), default="")
    failure_words: Mapped[str] = mapped_column(default="")

    @property
    def is_open(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ("waiting", "sent")


# Tests that have not ended, as the partial index says it: literals, because plans are generic.
UNFINISHED_TEST = MailboxTest.state.in_([literal_column("'waiting'", String()), literal_column("'sent'", String())])


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
tenancy.set_policy("mailbox_connections", tenancy.by_staff())
tenancy.set_policy("mailbox_tests", tenancy.by_staff())
tenancy.set_policy("inbound_mails", tenancy.by_staff())
tenancy.exempt_table("mail_routes", "a mail is looked up by its recipient before its provider is known")
