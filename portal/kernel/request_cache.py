"""Typed caches that live as long as one request, job or command.

A cache belongs to the module that creates it: values are found through the `RequestCache` object alone, so no other
module can read or replace them.
"""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from portal.kernel.context import Context

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RequestCache(Generic[K, V]):
    """Values of one type by key, for one unit of work."""

    def load(self, ctx: Context, key: K, build: Callable[[], V]) -> V:
        """The value of *key*; *build* makes it if it is missing."""
        values = self._values(ctx)
        if key not in values:
            values[key] = build()
        return values[key]

    def get(self, ctx: Context, key: K) -> V | None:
        """The value of *key*, or None."""
        return self._values(ctx).get(key)

    def store(self, ctx: Context, key: K, value: V) -> None:
        """Set the value of *key*."""
        self._values(ctx)[key] = value

    def clear(self, ctx: Context) -> None:
        """Remove all values, after a change of their sources."""
        ctx.caches.pop(self, None)

    def _values(self, ctx: Context) -> dict[K, V]:
        values: dict[Any, Any] = ctx.caches.setdefault(self, {})
        return values
