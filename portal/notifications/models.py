"""Notifications in the portal, and outgoing mails."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.kernel.events import Event


class Notification(ProviderOwned):
    """One notification of one person: at most one for an event."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "event_id"], ["events.provider_id", "events.id"]),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_notifications_user", "user_id", "side", "id"),
        # The order of the bell.
        Index("ix_notifications_bell", "user_id", "side", text("(read_at IS NOT NULL)"), text("id DESC")),
        Index("ix_notifications_unread", "user_id", "side", postgresql_where="read_at IS NULL"),
    )
    user_id: Mapped[uuid.UUID]
    # The side on which the person is notified; it determines the link of the line.
    side: Mapped[str] = mapped_column(key_type())
    event_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID | None]
    # The reason for this person: 'owner', 'contact', 'participant' …, as in notifications.recipients.
    reason: Mapped[str] = mapped_column(key_type())
    created_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]
    event: Mapped[Event] = relationship(lazy="raise_on_sql", viewonly=True)
    case: Mapped[Case | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Notification.case_id == Case.id",
        foreign_keys="Notification.case_id",
    )


class OutgoingMail(ProviderOwned):
    """One mail to one person, written with the work that caused it, sent by the worker. Its Message-ID never changes.

    States: queued, held (so old that somebody must say whether it still goes out), sent (the next server took it),
    deferred (a server on its way says that it comes later), bounced (it came back), dead (the server refused it, or for
    too long), withdrawn (its reader may not see the case any more, or somebody decided so).
    """

    __tablename__ = "outgoing_mails"
    __table_args__ = (
        UniqueConstraint("provider_id", "message_id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        Index("ix_outgoing_mails_case", "case_id"),
        Index(
            "ix_outgoing_mails_subscriber",
            *("subscriber_id", "event_id"),
            postgresql_where="subscriber_id IS NOT NULL",
        ),
        Index("ix_outgoing_mails_state", "provider_id", "state", "id"),
        Index(
            "ix_outgoing_mails_recipient",
            *("provider_id", "recipient", "sent_at"),
            postgresql_where="sent_at IS NOT NULL",
        ),
    )
    user_id: Mapped[uuid.UUID | None]
    # Whom it goes to where that is no person: an address that gets the status page by email.
    subscriber_id: Mapped[uuid.UUID | None]
    case_id: Mapped[uuid.UUID | None]
    event_id: Mapped[uuid.UUID | None]
    kind: Mapped[str] = mapped_column(key_type())
    message_id: Mapped[str] = mapped_column(String(255))
    sender: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    # The link of the mail: its placeholder in the texts is filled at sending, so that no token is stored.
    token_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(key_type(), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime]
    # When an administrator said that it goes out although it is old.
    released_at: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    last_error: Mapped[str | None]
    # When a server reported that it came back or is delayed, and the report, a mail of the mail log.
    returned_at: Mapped[dt.datetime | None]
    returned_by_id: Mapped[uuid.UUID | None]


class SendingFault(ProviderOwned):
    """A way out on which no mail goes out now: the server of a mailbox, or SMTP_URL. Its mails wait."""

    __tablename__ = "sending_faults"
    __table_args__ = (
        UniqueConstraint("provider_id", "mailbox_id", postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "mailbox_id"], ["mailboxes.provider_id", "mailboxes.id"]),
    )
    # None: SMTP_URL.
    mailbox_id: Mapped[uuid.UUID | None]
    # From which its mails come; '' for that of the installation.
    address: Mapped[str] = mapped_column(String(254))
    # How often it failed in a row; the code of the last failure (`channels.mail.labels`), and the server's words.
    failures: Mapped[int]
    failure: Mapped[str] = mapped_column(key_type())
    words: Mapped[str]
    began_at: Mapped[dt.datetime]
    failed_at: Mapped[dt.datetime]
    next_try_at: Mapped[dt.datetime]
    # Since when the administrators know.
    told_at: Mapped[dt.datetime | None]


class DigestEntry(ProviderOwned):
    """An event for a mail about several cases to one person: it waits, or is part of a mail."""

    __tablename__ = "digest_entries"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "event_id"], ["events.provider_id", "events.id"]),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_digest_entries_waiting", "user_id", "id", postgresql_where="mail_id IS NULL"),
        Index("ix_digest_entries_mail", "mail_id", postgresql_where="mail_id IS NOT NULL"),
    )
    user_id: Mapped[uuid.UUID]
    event_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID | None]
    # The kind of mail that it would have been by itself.
    kind: Mapped[str] = mapped_column(key_type(), default="alarm", server_default="alarm")
    created_at: Mapped[dt.datetime]
    # The mail that contains it; None: it waits. No foreign key, because mails may be deleted.
    mail_id: Mapped[uuid.UUID | None]
    event: Mapped[Event] = relationship(lazy="raise_on_sql", viewonly=True)


class MailChoice(ProviderOwned):
    """A person's choice about mails of one topic (`rules.Topic`). Without a row the default applies."""

    __tablename__ = "mail_choices"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id", "topic"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
    )
    user_id: Mapped[uuid.UUID]
    topic: Mapped[str] = mapped_column(key_type())
    mailed: Mapped[bool]


class QuietHours(ProviderOwned):
    """The hours of each day, in the person's zone, in which mails that can wait wait: from `begins` to `ends`, two full
    hours of the clock; over midnight if `ends` is the smaller one. Without a row there are none."""

    __tablename__ = "quiet_hours"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        CheckConstraint("begins BETWEEN 0 AND 23 AND ends BETWEEN 0 AND 23 AND begins <> ends", name="hours"),
    )
    user_id: Mapped[uuid.UUID]
    begins: Mapped[int] = mapped_column(SmallInteger)
    ends: Mapped[int] = mapped_column(SmallInteger)


class PushDevice(ProviderOwned):
    """A browser to which a person lets notifications be pushed, by the address that its push service gave it.

    It belongs to a sign-in: once that is ended nothing is pushed there.
    """

    __tablename__ = "push_devices"
    __table_args__ = (
        UniqueConstraint("provider_id", "endpoint"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_push_devices_user", "user_id"),
        Index("ix_push_devices_seen", "provider_id", "seen_at"),
    )
    user_id: Mapped[uuid.UUID]
    # The sign-in (`identity.BrowserSession`) in which it was last seen.
    session_id: Mapped[uuid.UUID]
    endpoint: Mapped[str] = mapped_column(String(1000))
    # The keys of the browser, as it says them (RFC 8291): its public key, and a shared secret.
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(40))
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    # The notification that was pushed last; and since when none arrives.
    pushed_id: Mapped[uuid.UUID | None]
    failed_at: Mapped[dt.datetime | None]


class PushChoice(ProviderOwned):
    """A person's choice about pushed notifications of one topic (`rules.Topic`). Without a row they are pushed."""

    __tablename__ = "push_choices"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id", "topic"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
    )
    user_id: Mapped[uuid.UUID]
    topic: Mapped[str] = mapped_column(key_type())
    pushed: Mapped[bool]


tenancy.set_policy("digest_entries", tenancy.by_staff())
tenancy.set_policy("mail_choices", tenancy.by_owner())
tenancy.set_policy("notifications", tenancy.by_owner())
tenancy.set_policy("outgoing_mails", tenancy.by_staff())
tenancy.set_policy("sending_faults", tenancy.by_staff())
tenancy.set_policy("push_choices", tenancy.by_owner())
tenancy.set_policy("push_devices", tenancy.by_owner())
tenancy.set_policy("quiet_hours", tenancy.by_owner())
