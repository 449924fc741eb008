"""Text as it may enter the system, and text as search compares it. Input from outside is not trusted before it has
passed this module."""

import re
import unicodedata

# Controls that PostgreSQL (NUL) or people (the rest) cannot read; tab and newline stay.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Characters that reorder or hide their neighbors: in one-line fields they only serve to deceive.
_DECEIVERS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c\u180e]")
_SPACES = re.compile(r"\s+")
# Letters that have no decomposition into a letter and a mark.
SPELLED_OUT = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"}
)
_WORD = re.compile(r"\w+")


def clean_text(value: str) -> str:
    """*value* with `\\n` line ends and without control characters: what a body may hold."""
    return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(value: str) -> str:
    """*value* on one line, without control, zero-width and direction-changing characters, spaces collapsed."""
    return _SPACES.sub(" ", _DECEIVERS.sub("", _CONTROLS.sub("", value))).strip()


def fold(value: str) -> str:
    """*value* as search compares it: lower case, no diacritics (also ł and đ), one spelling a letter."""
    if value.isascii():
        return value.lower()
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(SPELLED_OUT)


def folded_words(value: str, limit: int = 12) -> list[str]:
    """The folded words of *value*, at most *limit*, each at most 60 characters."""
    return [w[:60] for w in _WORD.findall(fold(value))[:limit]]


def slugify(value: str) -> str:
    """*value* as a URL segment: folded words joined by hyphens, at most 60 characters; may be empty."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(value)))[:60].strip("-")
