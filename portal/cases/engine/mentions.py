"""People whom a text names with an @: `@Tom Baker`, or `@Tom` where that fits one person only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal.kernel.actor import Id

# A letter, a digit or an underscore: the name goes on.
_GOES_ON = re.compile(r"\w")
_AT = re.compile(r"(?<![\w@./])@(?=\w)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as it was written behind an @, and the people whom it fits: their ids."""

    text: str
    people: frozenset[Id]


def find_mentions(body: str, people: Iterable[tuple[Id, str]], *, whole: bool = False) -> list[Mention]:
    """The mentions of *people* (id and name) in *body*, each text once, in their order. The longest name counts; with
    *whole* only whole names do. Capitals do not count. An @ before anything else is text."""
    if "@" not in body:
        return []
    # By the length of the name and what it is compared as: lower case may be longer than the name.
    forms: dict[tuple[int, str], set[Id]] = {}
    for person, name in people:
        words = name.split()
        for form in {" ".join(words), *(words[:1] if not whole else ())} - {""}:
            forms.setdefault((len(form), form.lower()), set()).add(person)
    longest_first = sorted({length for length, _form in forms}, reverse=True)
    found: dict[str, Mention] = {}
    for at in _AT.finditer(body):
        rest = body[at.end() : at.end() + 200]
        for length in longest_first:
            text = rest[:length]
            fits = forms.get((length, text.lower()))
            if fits and not _GOES_ON.match(rest, length):
                found.setdefault(text, Mention(text, frozenset(fits)))
                break
    return list(found.values())
