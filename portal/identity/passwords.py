"""Passwords: argon2id, one verification for known and unknown addresses alike."""

import os
import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# What is guessed first of all among those that are long enough.
COMMON = frozenset(
    {
        "1234567890",
        "0123456789",
        "12345678910",
        "123456789a",
        "a123456789",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "qwertyuiop",
        "qwerty1234",
        "qwerty12345",
        "asdfghjkl1",
        "password12",
        "password123",
        "password1234",
        "passw0rd123",
        "parolparol",
        "iloveyou12",
        "letmein123",
        "welcome123",
        "welcome1234",
        "administrator",
        "admin12345",
        "changeme123",
        "supportsupport",
        "football123",
        "sunshine12",
        "princess12",
        "abcdefghij",
        "abcd123456",
        "abc1234567",
        "zaq12wsxcde3",
        "polska1234",
        "haslo12345",
        "matkhau123",
        "contrasena",
    }
)
_hasher = PasswordHasher()
_decoy = ""
# Each verification takes memory of its own (64 MiB): more at once than processors would only fill it.
_at_once = BoundedSemaphore(os.cpu_count() or 1)


def configure(memory_kib: int, rounds: int) -> None:
    """Set the cost, once, at start; the decoy has the same cost as a real hash."""
    global _hasher, _decoy
    _hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
    _decoy = _hasher.hash("a password that nobody has")


def hash_password(password: str) -> str:
    return _hasher.hash(_normalize(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether *password* is the one; without a stored hash the same work is done for nothing."""
    try:
        with _at_once:
            _hasher.verify(stored or _decoy, _normalize(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether *stored* was made with another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def _normalize(password: str) -> bytes:
    """One spelling for "ó", whether a keyboard sends one character or two (NIST 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
