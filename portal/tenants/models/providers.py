"""The provider, root of tenancy, and the host names it is reached under."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import Base, Identified, key_type

QUESTION_DAYS = " AND ".join(
    f"{name} BETWEEN 0 AND 365" for name in ("first_reminder_days", "second_reminder_days", "proposal_days")
)


class Provider(Identified):
    """An MSP that runs a desk. No data crosses its boundary. Its columns are the rules of its portal."""

    __tablename__ = "providers"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("after_close IN ('reopen', 'new_case', 'refuse')", name="after_close"),
        CheckConstraint("auto_close_hours > 0", name="auto_close_hours"),
        CheckConstraint(QUESTION_DAYS, name="question_days"),
        CheckConstraint("joins_raise_at >= 0 AND joins_raise_limit BETWEEN 1 AND 4", name="joins_raise"),
        CheckConstraint("accent = '' OR accent ~ '^#[0-9a-f]{6}$'", name="accent"),
        CheckConstraint("severity_question IN ('levels', 'impact', 'none')", name="severity_question"),
        CheckConstraint("who_closes IN ('both', 'contact', 'staff')", name="who_closes"),
        CheckConstraint("promises_shown IN ('dates', 'state', 'nothing')", name="promises_shown"),
        CheckConstraint("object_word IN ('case', 'ticket', 'request')", name="object_word"),
        CheckConstraint("registration IN ('invited', 'contacts', 'anyone')", name="registration"),
    )
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(String(12), default="en")
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    welcome: Mapped[str] = mapped_column(default="")
    support_phone: Mapped[str] = mapped_column(default="")
    support_email: Mapped[str] = mapped_column(default="")
    # Life of a case: what a reply to a closed case does, for how long, and when a resolved one closes itself.
    after_close: Mapped[str] = mapped_column(key_type(), default="reopen")
    reopen_days: Mapped[int | None]
    auto_close_hours: Mapped[int] = mapped_column(default=72)
    # Days after a question that nobody answers: two reminders, and the proposal to support to resolve the case (0:
    # none).
    first_reminder_days: Mapped[int] = mapped_column(SmallInteger, default=3, server_default=text("3"))
    second_reminder_days: Mapped[int] = mapped_column(SmallInteger, default=7, server_default=text("7"))
    proposal_days: Mapped[int] = mapped_column(SmallInteger, default=14, server_default=text("14"))
    # A case of which so many further people say that it hits them too is raised one level, at most to this rank
    # (0: never).
    joins_raise_at: Mapped[int] = mapped_column(default=3, server_default=text("3"))
    joins_raise_limit: Mapped[int] = mapped_column(default=2, server_default=text("2"))
    # Whether the customer accepts or rejects a solution, or simply closes the case or opens it again.
    customer_decides: Mapped[bool] = mapped_column(default=True)
    # Who may end a case that nobody resolved: both sides, 'contact' (the customer's) or 'staff'.
    who_closes: Mapped[str] = mapped_column(key_type(), default="both")
    # Whether staff write down the time that they work on cases (`portal.time_entries`).
    records_time: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    # What customers read of promises on their cases: times, the state, or nothing. Staff always read everything.
    promises_shown: Mapped[str] = mapped_column(key_type(), default="dates", server_default="dates")
    # Who gets a sign-in: the invited only, every stored contact who asks for it, or anyone.
    registration: Mapped[str] = mapped_column(key_type(), default="invited")
    # Roles of staff that need a second factor to sign in, each with the moment (ISO 8601) from which it does; and for
    # how many days from then setting one up can be put off.
    factor_roles: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    factor_grace_days: Mapped[int] = mapped_column(default=14, server_default=text("14"))
    # What customers are asked about severity: the levels, an impact scale that is mapped to them, or nothing.
    severity_question: Mapped[str] = mapped_column(key_type(), default="levels")
    severity_text: Mapped[str] = mapped_column(default="")
    # What customers open is called so in every sentence: each word has a catalog of whole sentences (`web.catalogs`).
    object_word: Mapped[str] = mapped_column(key_type(), default="case", server_default="case")
    # Own words: of states by locale, side and key (`cases.vocabulary`), of the interface by locale and source text
    # (`web.provider_texts`). They stand on this row because every page reads it anyway.
    status_words: Mapped[dict[str, Any]] = mapped_column(default=dict)
    phrases: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The appearance of the portal; '' is the built-in accent, and without a logo a monogram is shown.
    display_name: Mapped[str] = mapped_column(default="")
    accent: Mapped[str] = mapped_column(String(7), default="")
    logo_file: Mapped[str] = mapped_column(default="")
    logo_type: Mapped[str] = mapped_column(key_type(), default="")
    # Steps of the first day that the administrators leave out (`admin.get_started`).
    skipped_steps: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
    # A new value after every change of what the provider configured (kernel/config_cache.py).
    config_version: Mapped[uuid.UUID] = mapped_column("stamp", server_default=text("gen_random_uuid()"))

    @property
    def called(self) -> str:
        """The name in headers and mails."""
        return self.display_name or self.name


class Host(Base):
    """A host name and its provider; read before the tenant of a request is known."""

    __tablename__ = "hosts"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        Index("ix_hosts_provider", "provider_id"),
    )
    host: Mapped[str] = mapped_column(String(253), primary_key=True)
    provider_id: Mapped[uuid.UUID]
    # False while the operator has closed the provider: its pages do not exist then.
    enabled: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    # Links in mails use the provider's primary host.
    is_primary: Mapped[bool] = mapped_column(default=False)


tenancy.set_policy("providers", tenancy.by_provider("id"))
tenancy.exempt_table("hosts", "the host name picks the provider; it holds public names only")
