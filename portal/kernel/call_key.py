"""Cache keys that are derived from the function that makes the value.

A key that is written by hand can leave out something that shapes the value. Then one person gets what was made for
another. A derived key cannot leave it out. It holds the module, the qualified name and the code of the function, its
defaults, whatever it closes over, and the arguments it is called with.

All of these values must be plain: immutable, and equal only if they are indistinguishable. A context, a session, an
entity, a moment or a list is refused with TypeError, in tests and in production. The refusal depends on types in the
code and not on user input, so the first call shows it.
"""

import uuid
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from enum import Enum
from types import FunctionType
from typing import Any

# Compared by type and value: 1, True and 1.0 are equal in Python, and are not the same text in a statement.
_SCALARS = frozenset((str, bytes, int, bool, type(None), uuid.UUID))


def call_key(function: Callable[..., Any], *arguments: Any) -> Hashable:
    """The key of what *function* returns for *arguments*. Raises TypeError for a value that is not plain."""
    return (_function_key(function), *map(_plain_key, arguments))


def _function_key(function: Callable[..., Any]) -> Hashable:
    if not isinstance(function, FunctionType):
        raise TypeError(f"only a plain function has a key: {function!r}")
    key: tuple[Hashable, ...] = (function.__module__, function.__qualname__, function.__code__)
    if function.__defaults__ or function.__kwdefaults__:
        named = tuple(sorted((function.__kwdefaults__ or {}).items()))
        key += ("defaults", _plain_key(function.__defaults__), _plain_key(named))
    if function.__closure__:
        try:
            closed = [cell.cell_contents for cell in function.__closure__]
        except ValueError:
            raise TypeError(f"{function.__qualname__} closes over a name that has no value yet") from None
        if any(value is function for value in closed):
            raise TypeError(f"{function.__qualname__} closes over itself")
        key += ("closure", *map(_plain_key, closed))
    return key


def _plain_key(value: Any) -> Hashable:
    kind = type(value)
    if kind in _SCALARS:
        return kind, value
    if kind is tuple:
        return kind, tuple(map(_plain_key, value))
    if kind is frozenset:
        return kind, frozenset(map(_plain_key, value))
    if isinstance(value, Enum | type):
        return kind, value
    if kind is FunctionType:
        return kind, _function_key(value)
    if is_dataclass(value) and kind.__dataclass_params__.frozen:
        return kind, tuple(_plain_key(getattr(value, field.name)) for field in fields(value))
    raise TypeError(f"a {kind.__qualname__} is no part of a cache key; hand over what the function needs of it")
