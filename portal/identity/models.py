"""Users (people at one provider), their passwords, and their browser sessions."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Computed, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type


def initials_of(name: str) -> str:
    """Up to two letters of *name*, for the avatar."""
    parts = name.split()
    return "".join(p[0] for p in (parts[:1] + parts[-1:] if len(parts) > 1 else parts))[:2].upper()


class User(ProviderOwned):
    """A person: name, language, zone. Whether they are contact or staff is said elsewhere; they may be both."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "merged_into_id"], ["users.provider_id", "users.id"]),
        Index("ix_users_name", "provider_id", "name_folded"),
        # For the function `search_people` (see the migrations "speed" and "phone search").
        Index("ix_users_words", text("to_tsvector('simple', name_folded)"), postgresql_using="gin"),
        Index("ix_users_phones", text("array_to_tsvector(phone_endings(phone))"), postgresql_using="gin"),
    )
    name: Mapped[str]
    name_folded: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    # Empty: the provider's, as with the zone.
    locale: Mapped[str] = mapped_column(String(12), default="")
    zone: Mapped[str] = mapped_column(String(64), default="")
    theme: Mapped[str] = mapped_column(key_type(), default="auto")
    density: Mapped[str] = mapped_column(key_type(), default="comfortable")
    shortcuts: Mapped[bool] = mapped_column(default=True)
    # Their replies on the desk wait ten seconds, so that they can take them back.
    delays_replies: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[dt.datetime]
    invited_at: Mapped[dt.datetime | None]
    # A person whose access was ended at the provider as a whole; their words stay.
    ended_at: Mapped[dt.datetime | None]
    # The address that is to replace theirs once they prove it by a mailed link (`actions.addresses`); '' for none.
    new_email: Mapped[str] = mapped_column(default="", server_default="")
    # A claimant who turned out to be this person (`actions.accept_claim`); the history keeps the name they had.
    merged_into_id: Mapped[uuid.UUID | None]
    addresses: Mapped[list["Address"]] = relationship(back_populates="user", order_by="Address.id", lazy="raise_on_sql")
    password: Mapped["Password | None"] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        return initials_of(self.name)


class Address(ProviderOwned):
    """An e-mail address of a person; the first is the one that mail goes to.

    One person at the provider holds it. Others claim it: somebody who may not see the holder named them by it. They
    become one person with the holder when the holder accepts (`actions.accept_claim`).
    """

    __tablename__ = "addresses"
    __table_args__ = (
        Index("ix_addresses_holder", "provider_id", "email_folded", unique=True, postgresql_where=text("NOT claimed")),
        Index("ix_addresses_email", "provider_id", "email_folded"),
        Index("ix_addresses_domain", "provider_id", "domain"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_addresses_user", "user_id"),
        Index(
            "ix_addresses_words",
            text("to_tsvector('simple', translate(email_folded, '@.-_+', '     '))"),
            postgresql_using="gin",
        ),
    )
    user_id: Mapped[uuid.UUID]
    email: Mapped[str]
    email_folded: Mapped[str]
    domain: Mapped[str] = mapped_column(Computed("split_part(email_folded, '@', 2)", persisted=True))
    verified_at: Mapped[dt.datetime | None]
    bounced_at: Mapped[dt.datetime | None]
    claimed: Mapped[bool] = mapped_column(default=False, server_default=false())
    user: Mapped[User] = relationship(back_populates="addresses", lazy="raise_on_sql")


class Password(ProviderOwned):
    """The argon2 hash of a person's password; no row: no sign-in by password."""

    __tablename__ = "passwords"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
    )
    user_id: Mapped[uuid.UUID]
    hash: Mapped[str]
    changed_at: Mapped[dt.datetime]


class BrowserSession(ProviderOwned):
    """One signed-in browser. Ending the row signs it out everywhere at once; the cookie holds only a random token."""

    __tablename__ = "browser_sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_browser_sessions_user", "user_id", "ended_at"),
    )
    user_id: Mapped[uuid.UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    ip: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    # How the person proved who they are: "password", or the name of another way to sign in.
    method: Mapped[str] = mapped_column(key_type(), default="", server_default="")
    # The session at the identity provider (`sid`) that the person came from; '' where there is none.
    outside_sid: Mapped[str] = mapped_column(String(255), default="", server_default="")
    # When the person last proved who they are in this browser: at sign-in, or later before a sensitive change.
    proved_at: Mapped[dt.datetime | None]
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)


class UnsentForm(ProviderOwned):
    """A form that came after its person's session had ended; it is drawn again when they have signed in."""

    __tablename__ = "unsent_forms"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_unsent_forms_user", "user_id", "expires_at"),
    )
    user_id: Mapped[uuid.UUID]
    path: Mapped[str]
    # Field name to the list of its values; secrets and the form token are left out.
    fields: Mapped[dict[str, Any]]
    # Files that came with it and could not be kept: for each one sentence with its name.
    lost_files: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    expires_at: Mapped[dt.datetime]


class LinkRequest(ProviderOwned):
    """A request for a link by mail; the worker finds its person and removes the row (`link_requests`)."""

    __tablename__ = "link_requests"
    __table_args__ = (ForeignKeyConstraint(["provider_id"], ["providers.id"]),)
    purpose: Mapped[str] = mapped_column(key_type())
    email: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    # False: the proof was not enough, and no mail is sent. The row is stored all the same, so that the response time is
    # equal.
    entitled: Mapped[bool]
    asked_at: Mapped[dt.datetime]


# Names are needed wherever words are shown, on both sides; content is never in these rows.
tenancy.set_policy("users", tenancy.by_provider())
tenancy.set_policy("addresses", tenancy.by_provider())
tenancy.set_policy("passwords", tenancy.by_provider())
tenancy.set_policy("browser_sessions", tenancy.by_provider())
tenancy.set_policy("unsent_forms", tenancy.by_owner())
tenancy.set_policy("link_requests", tenancy.by_provider())
# The names of staff are part of cached configuration.
config_cache.register_config_tables("users")
