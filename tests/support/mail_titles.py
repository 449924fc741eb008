"""The titles of mails: the subject, and the heading that says what happened."""

import re
from html import unescape

_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_MARKS_OF_SENTENCES = re.compile(r"[.!]$|[.!?] (?=[A-ZŻŹĆŚŁÓĄĘ])")


def headings_of(html: str) -> list[str]:
    """The texts of the headings of a mail."""
    return [" ".join(unescape(re.sub(r"<[^>]*>", "", one)).split()) for one in _HEADING.findall(html)]


def is_title(text: str) -> bool:
    """Whether *text* is one sentence without a full stop. It may ask ("Solved?") and go on with who, or what."""
    return bool(text) and not _MARKS_OF_SENTENCES.search(re.sub(r"^[^.!?]*\? ", "", text))
