"""Second factors of people: the authenticator app, recovery codes, and passkeys."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned


class Authenticator(ProviderOwned):
    """The authenticator app of a person (TOTP, RFC 6238): one, whose first code was typed here."""

    __tablename__ = "authenticators"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
    )
    user_id: Mapped[uuid.UUID]
    # The key that the app holds too, encrypted.
    secret: Mapped[str]
    created_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]
    # The latest step of 30 seconds whose code was used: no code of it, or of an earlier one, is accepted again.
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(ProviderOwned):
    """One of the codes for somebody who lost the device; it works once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        UniqueConstraint("provider_id", "user_id", "hash"),
    )
    user_id: Mapped[uuid.UUID]
    # Under a key of the installation, so that a copy of the database alone cannot be searched for codes.
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class Passkey(ProviderOwned):
    """A passkey of a person (WebAuthn): it works at the host where it was added."""

    __tablename__ = "passkeys"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        UniqueConstraint("provider_id", "credential_id"),
        Index("ix_passkeys_user", "user_id"),
    )
    user_id: Mapped[uuid.UUID]
    name: Mapped[str]
    # The host for which the browser made it (`rp_id`).
    host: Mapped[str] = mapped_column(String(253))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(2000))
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    # How a browser reaches it ("internal", "usb", …), as it said itself.
    transports: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]


class TrustedDevice(ProviderOwned):
    """A browser in which a person proved a second factor, and needs none for a while."""

    __tablename__ = "trusted_devices"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        UniqueConstraint("provider_id", "user_id", "nonce_hash"),
    )
    user_id: Mapped[uuid.UUID]
    # Of the random word that the browser's own cookie holds for this person (`web.known_browser`).
    nonce_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    user_agent: Mapped[str] = mapped_column(String(300), default="", server_default="")
    ip: Mapped[str] = mapped_column(String(64), default="", server_default="")
    created_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime]


for _table in ("authenticators", "recovery_codes", "passkeys", "trusted_devices"):
    tenancy.set_policy(_table, tenancy.by_owner())
