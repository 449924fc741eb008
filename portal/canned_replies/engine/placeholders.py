"""Placeholders of canned replies: which there are, and texts with their values put in. Pure.

A text is read once, from the left to the right. What stands in a value is never read again, so a customer who is called
"{account}" stays "{account}".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PLACEHOLDERS = (
    "contact first name",
    "contact name",
    "case key",
    "case link",
    "subject",
    "account",
    "organization",
    "environment",
    "severity",
    "next answer due",
    "agent first name",
    "agent name",
    "provider name",
)
# Anything in braces that looks like words on one line; code in braces mostly does not.
_BRACES = re.compile(r"\{ *([A-Za-z]+(?:[ _-]+[A-Za-z]+)*) *\}")


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a text: as it was written, the value of a placeholder, or a placeholder without a value. *name* is
    the placeholder, '' for what was written."""

    text: str
    name: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class ResolvedText:
    """A text with the values put in. A placeholder without a value stays as it was written."""

    parts: Sequence[TextPart]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    @property
    def missing(self) -> list[str]:
        """The placeholders without a value, each once."""
        return list(dict.fromkeys(part.name for part in self.parts if part.missing))


def resolve(text: str, values: Mapping[str, str]) -> ResolvedText:
    """*text* with *values* by placeholder put in. An empty value is none."""
    parts: list[TextPart] = []
    end = 0
    for match in _BRACES.finditer(text):
        name = _normalize(match[1])
        if name not in PLACEHOLDERS:
            continue
        if match.start() > end:
            parts.append(TextPart(text[end : match.start()]))
        value = values.get(name, "")
        parts.append(TextPart(value or match[0], name, missing=not value))
        end = match.end()
    if end < len(text):
        parts.append(TextPart(text[end:]))
    return ResolvedText(parts)


def unknown_placeholders(text: str) -> list[str]:
    """What looks like a placeholder in *text* and is none, as it was written, each once."""
    found = (match[0] for match in _BRACES.finditer(text) if _normalize(match[1]) not in PLACEHOLDERS)
    return list(dict.fromkeys(found))


def still_missing(sent: str, names: Sequence[str]) -> list[str]:
    """Those of *names* that the text *sent* still has in braces."""
    left = {_normalize(match[1]) for match in _BRACES.finditer(sent)}
    return [name for name in names if name in left]


def _normalize(name: str) -> str:
    return re.sub(r"[ _-]+", " ", name).lower()
