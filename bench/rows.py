"""Rows for COPY: a text buffer for each table, with ids and times that depend only on the seed."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import portal.wiring  # noqa: F401 - every model is known now
from portal.kernel.database import Base

NULL = "\\N"
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class UnknownColumn(Exception):
    """The product has a column that this generator does not know, and that may not be empty."""


def text(value: str) -> str:
    """Free text as COPY reads it; words here hold no tab and no carriage return."""
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    return value.replace("\n", "\\n") if "\n" in value else value


def facts(**values: Any) -> str:
    """JSON as COPY reads it."""
    return text(json.dumps(values))


@lru_cache(maxsize=64)
def moment(ms: int) -> str:
    """Milliseconds since 1970 as a timestamptz."""
    return (EPOCH + dt.timedelta(milliseconds=ms)).isoformat()


def flag(value: bool) -> str:
    return "t" if value else "f"


def array(values: Sequence[str]) -> str:
    return "{" + ",".join(values) + "}"


class Ids:
    """UUIDs of version 7 whose random part comes from the seed; in the order of *ms*, then of asking."""

    def __init__(self, rng: Random) -> None:
        self._bits = rng.getrandbits
        self._last = 0

    def at(self, ms: int) -> str:
        """A new id for something that happened at *ms*."""
        stamp = ms << 12
        if stamp <= self._last < stamp + 4000:
            stamp = self._last + 1
        self._last = stamp
        random = self._bits(62)
        value = f"{stamp >> 12:012x}7{stamp & 0xFFF:03x}{0x8000000000000000 | random:016x}"
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


class Table:
    """A buffer of COPY lines. *columns* are those that the caller gives; the model's own defaults fill the others."""

    def __init__(self, name: str, columns: str) -> None:
        self.name, self.given = name, columns.split()
        model = Base.metadata.tables[name].columns
        wrong = [column for column in self.given if column not in model]
        if wrong:
            raise UnknownColumn(f"{name} has no column {', '.join(wrong)} any more: bench/ has to learn that.")
        self.columns = list(self.given)
        tail = []
        for column in model:
            if column.name in self.given:
                continue
            default: Any = column.default
            value = default.arg if default is not None and default.is_scalar else None
            if default is not None and default.is_callable and isinstance(made := default.arg(None), dict | list):
                value = made  # an empty object or list: the same for every row
            if value is not None:
                self.columns.append(column.name)
                tail.append(_constant(value))
            elif not column.nullable and column.server_default is None:
                raise UnknownColumn(f"{name}.{column.name} may not be empty, and bench/ does not know what to write.")
        self._tail = "".join(f"\t{value}" for value in tail) + "\n"
        self.lines: list[str] = []
        self.count = 0

    def add(self, *values: str) -> None:
        """One row, in the order of `columns`."""
        self.lines.append("\t".join(values) + self._tail)
        self.count += 1

    def drain(self) -> str:
        """Return the buffered lines and empty the buffer."""
        waiting = "".join(self.lines)
        self.lines.clear()
        return waiting


def _constant(value: Any) -> str:
    if isinstance(value, bool):
        return flag(value)
    if isinstance(value, Mapping | list):
        return text(json.dumps(value))
    return text(str(value))
