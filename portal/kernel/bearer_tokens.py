"""Tokens with which another server proves who it is: random, shown once when they are made, and stored as a hash."""

import hashlib
import secrets


def make_bearer_token() -> str:
    """A new token of 43 characters, 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_bearer_token(token: str) -> bytes:
    """How a token is stored, 32 bytes. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
