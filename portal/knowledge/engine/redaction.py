"""Text of a case for an article: what names people, clients, addresses or other cases is replaced by marks.

It marks too much rather than too little, and it does not find everything: an editor reads the text. A text with marks
cannot be published (`actions.articles`).
"""

import re
from collections.abc import Iterable

NAME, EMAIL, PHONE, ADDRESS, CASE = "[[name]]", "[[email]]", "[[phone]]", "[[address]]", "[[case]]"
MARKS = (NAME, EMAIL, PHONE, ADDRESS, CASE)

# Shorter parts of names ("de", "van") would mark ordinary words.
_SHORTEST_PART = 3
# From this length on an ending may follow, because languages inflect names ("Kowalskiego").
_INFLECTED, _LONGEST_ENDING = 4, 4
_MOST_NAMES = 500
_SEVERAL_NAMES = re.compile(r"\[\[name\]\](?: \[\[name\]\])+")
_PATTERNS = (
    (EMAIL, re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    (ADDRESS, re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"')]{1,2000}", re.IGNORECASE)),
    (ADDRESS, re.compile(r"\\\\[\w.$-]{1,200}(?:\\[^\s\\]{1,200}){0,20}")),
    (ADDRESS, re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]\d)")),
    (ADDRESS, re.compile(r"(?<![\w.@-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[a-z]{2,24}(?![\w@-])", re.IGNORECASE)),
    (CASE, re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{1,9}-\d{1,9}(?![\w-])")),
    (PHONE, re.compile(r"(?<![\w.])(?!\d{4}-\d{2}-\d{2})\+?\(?\d(?:[ ()/-]{0,2}\d){6,14}(?!\w)")),
)


def redact(text: str, names: Iterable[str]) -> str:
    """*text* with marks in place of *names*, their parts, email addresses, phone numbers, hosts, paths and keys."""
    for mark, pattern in _PATTERNS:
        text = pattern.sub(mark, text)
    words = _name_words(names)
    if not words:
        return text
    # Marks hold no name; they are matched first, so that nothing inside one is replaced.
    known = "|".join(map(re.escape, MARKS))
    pattern = re.compile(rf"({known})|(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
    text = pattern.sub(lambda found: found[1] or NAME, text)
    return _SEVERAL_NAMES.sub(NAME, text)


def find_marks(*texts: str) -> list[str]:
    """The marks that *texts* still have, each once."""
    return [mark for mark in MARKS if any(mark in text for text in texts)]


def _name_words(names: Iterable[str]) -> list[str]:
    """Patterns of the names and their parts, the longest first."""
    found: dict[str, None] = {}
    for name in names:
        for part in (name.strip(), *re.split(r"[\s,.;/&()-]+", name)):
            if len(part) >= _SHORTEST_PART and not part.isdigit():
                found[part.casefold()] = None
    longest = sorted(found, key=lambda part: (-len(part), part))[:_MOST_NAMES]
    return [re.escape(part) + (rf"\w{{0,{_LONGEST_ENDING}}}" if len(part) >= _INFLECTED else "") for part in longest]
