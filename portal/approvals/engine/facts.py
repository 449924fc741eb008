"""The facts of a case that a yes is about, and how two states of them differ. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The facts in the order of pages. `subject` is text; the others are [value, label].
NAMES = ("subject", "request_type", "environment", "severity")


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is another one than before: its name, and both as people read them."""

    name: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What is different in *after*. A fact that one side does not have was not asked about, and counts as the same."""
    names = [*NAMES, *sorted((before.keys() & after.keys()) - set(NAMES))]
    return [
        Difference(name, shown(before[name]), shown(after[name]))
        for name in names
        if name in before and name in after and _value(before[name]) != _value(after[name])
    ]


def shown(fact: Any) -> str:
    """*fact* as people read it."""
    return str(fact[1]) if isinstance(fact, list | tuple) else str(fact)


def _value(fact: Any) -> Any:
    return fact[0] if isinstance(fact, list | tuple) else fact
