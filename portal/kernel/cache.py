"""Bounded caches of a process: one class, one eviction rule.

A `Cache` is a variable of its module, used by that module only. It has one bound: a number of entries, or a number of
bytes. Beyond the bound the least recently used entry is evicted. All threads of a process share it; processes share
nothing. Values that live as long as a request belong into a `RequestCache`. A pure function of a few plain values may
use `functools.lru_cache`, which has the same eviction rule. `tests/architecture/test_caches.py` allows nothing else.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
# A value that needs a larger share of a cache bounded in bytes is not stored, because it would evict too many others.
LARGEST_PART = 10
# Bytes of an entry beside its key and value: its slot in the table, its size, the tuples of its key.
ENTRY_OVERHEAD = 300


@dataclass(frozen=True, slots=True)
class CacheCounters:
    """Counters of a cache since the process began, and its present size."""

    hits: int
    misses: int
    evictions: int
    entries: int
    # 0 for a cache that is bounded in entries.
    bytes: int


class Cache(Generic[K, V]):
    """Values by key, at most *max_entries* of them, or at most *max_bytes* as *size* measures key and value."""

    def __init__(self, *, max_entries: int = 0, max_bytes: int = 0, size: Callable[[K, V], int] | None = None) -> None:
        if (max_entries > 0) == (max_bytes > 0) or (max_bytes > 0) != (size is not None):
            raise ValueError("a cache has one bound: entries, or bytes with a function that measures them")
        self.max_entries, self.max_bytes, self._size = max_entries, max_bytes, size
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()
        self._bytes = self._hits = self._misses = self._evictions = 0

    def get(self, key: K) -> V | None:
        """The value of *key*, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                self._misses += 1
                return None
            self._hits += 1
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: K, value: V) -> V:
        """Set the value of *key*; returns *value*."""
        size = ENTRY_OVERHEAD + self._size(key, value) if self._size else 0
        with self._lock:
            self._drop(key)
            if size * LARGEST_PART > self.max_bytes:
                return value
            self._entries[key] = (value, size)
            self._bytes += size
            while len(self._entries) > self.max_entries > 0 or self._bytes > self.max_bytes > 0:
                _key, (_value, freed) = self._entries.popitem(last=False)
                self._bytes -= freed
                self._evictions += 1
        return value

    def load(self, key: K, make: Callable[[], V]) -> V:
        """The value of *key*. If it is missing, *make* makes it; two threads that miss at the same time make it
        twice."""
        found = self.get(key)
        return self.put(key, make()) if found is None else found

    def __contains__(self, key: object) -> bool:
        """Whether *key* is there. Does not count as a use."""
        with self._lock:
            return key in self._entries

    def clear(self) -> None:
        """Remove all entries. The counters are kept."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def counters(self) -> CacheCounters:
        """The counters at this moment."""
        with self._lock:
            return CacheCounters(self._hits, self._misses, self._evictions, len(self._entries), self._bytes)

    def _drop(self, key: K) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[1]


def measure(value: Any) -> int:
    """The size of *value* in bytes: strings, numbers, and containers of them at any depth (rows of the database too).
    Shared objects are counted each time, so the result is an upper estimate.
    """
    size = sys.getsizeof(value)
    if isinstance(value, str | bytes):
        return size
    if isinstance(value, Mapping):
        return size + sum(measure(key) + measure(one) for key, one in value.items())
    if isinstance(value, Sequence | Set):
        return size + sum(measure(one) for one in value)
    return size
