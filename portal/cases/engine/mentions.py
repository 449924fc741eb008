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
    forms: dict[str, set[Id]] = {}
    for person, name in people:
        words = name.split()
        for form in {" ".join(words), *(words[:1] if not whole else ())} - {""}:
            forms.setdefault(form, set()).add(person)
    # Each form by what it is compared as; its length is that of the name, since lower case may be longer.
    longest_first = sorted(forms, key=len, reverse=True)
    found: dict[str, Mention] = {}
    for at in _AT.finditer(body):
        rest = body[at.end() : at.end() + 200]
        for form in longest_first:
            text = rest[: len(form)]
            if text.lower() == form.lower() and not _GOES_ON.match(rest, len(form)):
                fits = {one for other in forms if other.lower() == form.lower() for one in forms[other]}
                found.setdefault(text, Mention(text, frozenset(fits)))
                break
    return list(found.values())
