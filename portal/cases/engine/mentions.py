"""People whom a text names with an @: `@Tom Baker`, or `@Tom` where that fits one person only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal.kernel.actor import Id

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
        words = name.lower().split()
        for form in {" ".join(words), *(words[:1] if not whole else ())} - {""}:
            forms.setdefault(form, set()).add(person)
    longest_first = sorted(forms, key=len, reverse=True)
    found: dict[str, Mention] = {}
    for at in _AT.finditer(body):
        rest = body[at.end() : at.end() + 200]
        low = rest.lower()
        for form in longest_first:
            if low.startswith(form) and not low[len(form) : len(form) + 1].isalnum():
                text = rest[: len(form)]
                found.setdefault(text, Mention(text, frozenset(forms[form])))
                break
    return list(found.values())
