"""Links sent by mail: an unguessable token outside, its hash inside, found before any provider is known.

The token itself is never stored, nor written into an event: it is derived from the row's id and the secret key, so that
a consumer can print it into a mail later, and a copy of the database contains no usable link.
"""

import base64
import datetime as dt
import hashlib
import hmac
import uuid

from sqlalchemy import Index, LargeBinary, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import ids, tenancy
from portal.kernel.context import Context
from portal.kernel.database import Base, key_type
from portal.kernel.errors import Gone, NotFound


class TokenHash(Base):
    """A link that was not used yet: its purpose, its person, its expiry."""

    __tablename__ = "token_hashes"
    __table_args__ = (Index("ix_token_hashes_subject", "provider_id", "purpose", "subject_id"),)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True)
    provider_id: Mapped[uuid.UUID]
    purpose: Mapped[str] = mapped_column(key_type())
    subject_id: Mapped[uuid.UUID]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


tenancy.exempt_table(
    "token_hashes", "a mail link is looked up before anybody has signed in; it holds hashes and ids only"
)

_secret = b""


def configure_token_key(secret_key: str) -> None:
    """Derive the key for links from the application's secret, once, at start."""
    global _secret
    _secret = hashlib.sha256(b"parley links " + secret_key.encode()).digest()


def signing_key(purpose: str) -> bytes:
    """A key of its own for *purpose*: what is signed for one cannot be used for another."""
    return hmac.digest(_secret, f"parley {purpose}".encode(), "sha256")


def derive_token(token_id: uuid.UUID) -> str:
    """The token of the row *token_id* as used in a URL: 43 characters."""
    return base64.urlsafe_b64encode(hmac.digest(_secret, token_id.bytes, "sha256")).rstrip(b"=").decode()


def derive_code(token_id: uuid.UUID) -> str:
    """The six digits that stand in for the token of the row *token_id* where it cannot be opened; they tell nothing of
    it, and are only good together with what says which row is meant."""
    digest = hmac.digest(signing_key("codes"), token_id.bytes, "sha256")
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def issue_token(
    ctx: Context, purpose: str, subject_id: uuid.UUID, lasts: dt.timedelta, *, token_id: uuid.UUID | None = None
) -> uuid.UUID:
    """A new link for *subject_id*; returns the row's id, from which `derive_token` makes the token. *token_id*: under
    the id that the asking browser holds already."""
    token_id = token_id or ids.new_id()
    row = TokenHash(
        hash=_hash(derive_token(token_id)),
        id=token_id,
        provider_id=ctx.provider_id,
        purpose=purpose,
        subject_id=subject_id,
        expires_at=ctx.now + lasts,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return token_id


def delete_dead_tokens(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* links that were used or expired before *before*; returns how many."""
    dead = or_(TokenHash.used_at < before, TokenHash.expires_at < before)
    rows = select(TokenHash.hash).where(TokenHash.provider_id == ctx.provider_id, dead).limit(limit)
    statement = delete(TokenHash).where(TokenHash.hash.in_(rows)).execution_options(synchronize_session=False)
    return int(ctx.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def load_token(ctx: Context, purpose: str, token: str, *, lock: bool = False) -> TokenHash:
    """The link *token* of this provider, used, expired or not. Raises NotFound for a wrong one."""
    statement = select(TokenHash).where(
        TokenHash.hash == _hash(token), TokenHash.provider_id == ctx.provider_id, TokenHash.purpose == purpose
    )
    if lock:  # read again what this unit of work has read before another one used the link up
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = ctx.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound
    return row


def load_live_token(ctx: Context, purpose: str, token: str, *, spend: bool = False) -> TokenHash:
    """The live link *token* of this provider; with *spend* it is locked and used up.

    Raises NotFound for a wrong token, Gone for a used or expired one. A GET must not spend.
    """
    row = load_token(ctx, purpose, token, lock=spend)
    if row.used_at is not None or row.expires_at <= ctx.now:
        raise Gone
    if spend:
        row.used_at = ctx.now
        ctx.session.flush()
    return row


def revoke_tokens(ctx: Context, purpose: str, subject_id: uuid.UUID) -> None:
    """Use up every open link of *subject_id* for *purpose*."""
    statement = select(TokenHash).where(
        TokenHash.provider_id == ctx.provider_id,
        TokenHash.purpose == purpose,
        TokenHash.subject_id == subject_id,
        TokenHash.used_at.is_(None),
    )
    for row in ctx.session.scalars(statement):
        row.used_at = ctx.now
