"""Passwords: argon2id, one verification for known and unknown addresses alike."""

import os
import re
import unicodedata
from collections.abc import Iterable
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# At least so many guesses: ten times what 10,000 networks get answered in a year (docs/decisions/0017).
FEWEST_GUESSES = 10**8
# How many characters are judged. zxcvbn tries every reading of "leet" letters: 24 characters take at most 0.2 s, 40
# take 5 s. Who needs more than these to be hard to guess has a password that is easy to guess.
JUDGED = 24
_WORD = re.compile(r"\w+")
_hasher = PasswordHasher()
_decoy = ""
# Each verification takes memory of its own (64 MiB): more at once than processors would only fill it.
_at_once = BoundedSemaphore(os.cpu_count() or 1)
# zxcvbn keeps the words of the last question in a table of its module.
_one_at_a_time = Lock()


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


def is_easy_to_guess(password: str, own_words: Iterable[str]) -> bool:
    """Whether *password* needs fewer than FEWEST_GUESSES guesses of an attacker who knows *own_words* (names,
    addresses), the common passwords, names and words, keyboards and dates."""
    # Its lists take 11 MB and half a second: only a process that is asked loads them.
    from zxcvbn import zxcvbn

    words = {word for text in own_words for word in _spellings(text.casefold()) if len(word) > 2}
    with _one_at_a_time:
        return bool(zxcvbn(password[:JUDGED], user_inputs=sorted(words))["guesses"] < FEWEST_GUESSES)


def _spellings(text: str) -> list[str]:
    """*text*, its parts beside an @, its words, and its words in one."""
    words = _WORD.findall(text)
    return [text, *text.split("@"), *words, "".join(words)]


def needs_rehash(stored: str) -> bool:
    """Whether *stored* was made with another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def _normalize(password: str) -> bytes:
    """One spelling for "ó", whether a keyboard sends one character or two (NIST 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
