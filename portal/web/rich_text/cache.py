"""Texts that were drawn, bounded by the characters that they and their HTML take."""

from collections import OrderedDict
from collections.abc import Callable, Sized
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value", bound=Sized)


class SizedCache(Generic[Value]):
    """The newest values of a process, by their text; `len()` of both counts against *limit*."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str, make: Callable[[str], Value]) -> Value:
        """The value of *text*, made by *make* where it is not there. What alone fills a tenth of it is not kept."""
        with self._lock:
            if text in self._values:
                self._values.move_to_end(text)
                return self._values[text]
        value = make(text)
        size = len(text) + len(value)
        if size > self.limit // 10:
            return value
        with self._lock:
            if text not in self._values:
                self._values[text] = value
                self.size += size
            while self.size > self.limit:
                gone, old = self._values.popitem(last=False)
                self.size -= len(gone) + len(old)
        return value
