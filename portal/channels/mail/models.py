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
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models.case import CASE, PLACE
from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import Base, ProviderOwned, key_type
from portal.tenants.models.accounts import ACCOUNT

FATES = (*("case", "comment", "quarantine", "auto_reply", "bounce", "feedback_report", "duplicate", "own", "rejected"),)
MAILBOX_STATES = ("on", "off")
# How a mailbox signs in at its servers: with a password, with a permission that a person gave (OAuth, authorization
# code), or as an application that an administrator of Microsoft 365 has allowed (client credentials).
PASSWORD, MICROSOFT, MICROSOFT_APP, GOOGLE = "password", "microsoft", "microsoft_app", "google"
IMAP, GRAPH = "imap", "graph"


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
    """The servers of a mailbox that is read, how it signs in there, how far it was read, and what went wrong."""

    __tablename__ = "mailbox_connections"
    __table_args__ = (
        UniqueConstraint("provider_id", "mailbox_id"),
        ForeignKeyConstraint(["provider_id", "mailbox_id"], ["mailboxes.provider_id", "mailboxes.id"]),
        CheckConstraint("sign_in IN ('password', 'microsoft', 'microsoft_app', 'google')", name="sign_in"),
        CheckConstraint("protocol IN ('imap', 'graph')", name="protocol"),
    )
    mailbox_id: Mapped[uuid.UUID]
    sign_in: Mapped[str] = mapped_column(key_type(), default=PASSWORD)
    # 'imap': read by IMAP and sent by SMTP; 'graph': both by Microsoft Graph.
    protocol: Mapped[str] = mapped_column(key_type(), default=IMAP)
    # Addresses of the servers without passwords (`servers.address`). '' for sending: SMTP_URL; both '' with Graph.
    imap_url: Mapped[str]
    smtp_url: Mapped[str] = mapped_column(default="")
    # Of OAuth: the directory (Microsoft) and the application; '' for the application of the installation.
    tenant: Mapped[str] = mapped_column(default="")
    client_id: Mapped[str] = mapped_column(default="")
    # The passwords, encrypted: {"imap": …, "smtp": …}, or {"client": …}, the secret of the application.
    secrets: Mapped[str]
    # While the validity is the same, a UID means the same message; messages up to `last_uid` are taken in.
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    # Messages below it were there when reading began: only those that nobody had read are taken in.
    first_uid: Mapped[int] = mapped_column(BigInteger, default=1)
    # With Graph: the link to the next changes, and since when it is read. What was there before is taken in if unread.
    changes_link: Mapped[str] = mapped_column(default="")
    began_at: Mapped[dt.datetime | None]
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
    def sends_itself(self) -> bool:
        """Whether mails go out through a server of its own, and not through SMTP_URL."""
        return bool(self.smtp_url) or self.protocol == GRAPH

    @property
    def needs_consent(self) -> bool:
        """Whether somebody must give the permission with the mailbox itself."""
        return self.sign_in in (MICROSOFT, GOOGLE)

    @property
    def secrets_purpose(self) -> str:
        """What its passwords are encrypted for."""
        return f"mailbox {self.provider_id} {self.mailbox_id}"


class MailboxToken(ProviderOwned):
    """What an OAuth service gave for a mailbox. A row of its own: who renews it locks it, while others read mails."""

    __tablename__ = "mailbox_tokens"
    __table_args__ = (
        UniqueConstraint("provider_id", "mailbox_id"),
        ForeignKeyConstraint(["provider_id", "mailbox_id"], ["mailboxes.provider_id", "mailboxes.id"]),
    )
    mailbox_id: Mapped[uuid.UUID]
    # Encrypted: {"access": …, "refresh": …}.
    tokens: Mapped[str]
    expires_at: Mapped[dt.datetime]
    granted_at: Mapped[dt.datetime]
    # Since when the service refuses to renew it: the permission has ended.
    ended_at: Mapped[dt.datetime | None]

    @property
    def purpose(self) -> str:
        """What it is encrypted for."""
        return f"mailbox tokens {self.provider_id} {self.mailbox_id}"


class AccountSender(ProviderOwned):
    """From whom mails about the cases of an account come, where it is not the provider's usual sender."""

    __tablename__ = "account_senders"
    __table_args__ = (
        UniqueConstraint("provider_id", "account_id"),
        ForeignKeyConstraint(["provider_id", "organization_id", "account_id"], ACCOUNT),
        ForeignKeyConstraint(["provider_id", "mailbox_id"], ["mailboxes.provider_id", "mailboxes.id"]),
        Index("ix_account_senders_mailbox", "mailbox_id", postgresql_where="mailbox_id IS NOT NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    # The mailbox that they come from, and that answers return to; None: as for other accounts.
    mailbox_id: Mapped[uuid.UUID | None]
    # The name before the address; '' for the provider's.
    name: Mapped[str] = mapped_column(String(100), default="")


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


# Tests whose mail came back: a literal, because plans are generic.
RETURNED_TEST = MailboxTest.state == literal_column("'returned'", String())
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
        Index(
            "ux_inbound_mails_external",
            *("provider_id", "external_id"),
            unique=True,
            postgresql_where="external_id IS NOT NULL",
        ),
        Index("ix_inbound_mails_case", "case_id", postgresql_where="case_id IS NOT NULL"),
        Index(
            "ix_inbound_mails_originals", "provider_id", "received_at", postgresql_where="original_deleted_at IS NULL"
        ),
    )
    mailbox_id: Mapped[uuid.UUID | None]
    received_at: Mapped[dt.datetime]
    # How it arrived: 'pipe', 'lmtp', 'smtp', 'imap' or 'graph'.
    road: Mapped[str] = mapped_column(key_type())
    # The hash of its name on the server, where reading has no place such as a UID: nothing is taken in twice.
    external_id: Mapped[str | None] = mapped_column(String(64))
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
    # When the original was deleted, because its time was over.
    original_deleted_at: Mapped[dt.datetime | None]

    @property
    def storage_name(self) -> str:
        """Where the original lies."""
        return f"{self.provider_id}/mail/{self.id}"

    @property
    def waits(self) -> bool:
        """Whether it is in quarantine and nobody has decided yet."""
        return self.fate == "quarantine" and self.handled_at is None


class CopyProposal(ProviderOwned):
    """An address beside ours among the receivers of a mail of a case: somebody who may add people lets it in, or not.
    It gets nothing of the case before that."""

    __tablename__ = "copy_proposals"
    __table_args__ = (
        # Whoever was dismissed is not proposed again by the next answer to all.
        UniqueConstraint("case_id", "email"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "mail_id"], ["inbound_mails.provider_id", "inbound_mails.id"]),
        ForeignKeyConstraint(["provider_id", "proposed_by_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "decided_by_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("decision IN ('', 'accepted', 'dismissed')", name="decision"),
        CheckConstraint("(decision = '') = (decided_at IS NULL)", name="decided"),
        Index("ix_copy_proposals_old", "provider_id", "proposed_at"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    # In lower case.
    email: Mapped[str] = mapped_column(String(254))
    # As the mail names the address; '' without a name.
    name: Mapped[str] = mapped_column(String(200), default="")
    mail_id: Mapped[uuid.UUID]
    # Who wrote the mail.
    proposed_by_id: Mapped[uuid.UUID]
    proposed_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    decided_by_id: Mapped[uuid.UUID | None]
    decision: Mapped[str] = mapped_column(key_type(), default="")
    proposed_by: Mapped[User] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="CopyProposal.proposed_by_id == User.id",
        foreign_keys="CopyProposal.proposed_by_id",
    )


tenancy.set_policy("account_senders", tenancy.by_staff())
tenancy.set_policy("mailboxes", tenancy.by_staff())
tenancy.set_policy("mailbox_connections", tenancy.by_staff())
tenancy.set_policy("mailbox_tokens", tenancy.by_staff())
tenancy.set_policy("mailbox_tests", tenancy.by_staff())
tenancy.set_policy("inbound_mails", tenancy.by_staff())
tenancy.set_policy(
    "copy_proposals",
    f"{tenancy.by_provider()} AND ({tenancy.STAFF_OR_SYSTEM} OR proposed_by_id = {tenancy.USER})",
)
tenancy.exempt_table("mail_routes", "a mail is looked up by its recipient before its provider is known")
