"""The codes of what rules cannot accept, found in the engines themselves."""

import importlib
from collections.abc import Iterator
from enum import StrEnum
from types import ModuleType

from tests.architecture.source import modules


def faults() -> Iterator[tuple[ModuleType, StrEnum]]:
    """(the module that words it, code) for each code of each engine, from the source."""
    for module in modules():
        if module.part != "engine":
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            own = isinstance(kind, type) and issubclass(kind, StrEnum) and kind.__module__ == module.name
            if own and kind.__name__.endswith("Fault"):
                wording = importlib.import_module(f"portal.{module.home}.refusals")
                yield from ((wording, code) for code in kind)
