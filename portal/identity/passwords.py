"""Passwords: argon2id, one verification for known and unknown addresses alike."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_decoy = ""


def configure(memory_kib: int, rounds: int) -> None:
    """Set the cost, once, at start; the decoy has the same cost as a real hash."""
    global _hasher, _decoy
    _hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
    _decoy = _hasher.hash("a password that nobody has")


def hashed(password: str) -> str:
    return _hasher.hash(_as_typed_anywhere(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether *password* is the one; without a stored hash the same work is done for nothing."""
    try:
        return _hasher.verify(stored or _decoy, _as_typed_anywhere(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether *stored* was made with another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def _as_typed_anywhere(password: str) -> bytes:
    """One spelling for "ó", whether a keyboard sends one character or two (NIST 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
