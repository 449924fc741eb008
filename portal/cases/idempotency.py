"""Keys that tell whether a form comes for the second time: they hold what was written, and which drawn form held it.

The same key is the same press (double click, Enter twice). The same words from a form that was drawn anew are the same
intention too, for SAME_WORDS: a browser without scripts asks the server for the page again after Back, and the page
comes with another mark.
"""

import datetime as dt
import hashlib

SAME_WORDS = dt.timedelta(minutes=10)
_HALF = 32


def make_key(written: str, mark: str) -> str:
    """The key for the text *written* in the form with *mark*: 64 characters, the first half for the text alone."""
    return _hash(written) + _hash(mark)


def words_of(key: str) -> str:
    """The half of *key* that stands for the text; two keys with the same half came with the same words."""
    return key[:_HALF]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_HALF]
