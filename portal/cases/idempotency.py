"""Idempotency keys of forms: they contain a hash of the text and the mark of the rendered form.

The same key means a repeated submit (double click, Enter twice). The same text from a newly rendered form also counts
as repeated for the time SAME_WORDS: a browser without scripts requests the page again after Back, and the page then has
another mark.
"""

import datetime as dt
import hashlib

SAME_WORDS = dt.timedelta(minutes=10)
_HALF = 32


def make_key(written: str, mark: str) -> str:
    """The key for the text *written* in the form with *mark*: 64 characters, the first half for the text alone."""
    return _hash(written) + _hash(mark)


def words_of(key: str) -> str:
    """The half of *key* that stands for the text; two keys with the same half have the same text."""
    return key[:_HALF]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_HALF]
