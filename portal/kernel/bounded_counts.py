"""Counts with an upper bound, shown as "99+". Several counts are read in one statement."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVarTuple

from sqlalchemy import ScalarSelect, Select, func, select

from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.statement_cache import fetch_rows

Ts = TypeVarTuple("Ts")
Counts = Mapping[str, ScalarSelect[int]]


def count_text(number: int, limit: int = 100) -> "int | str":
    """What a page shows of a number that was counted to *limit*: 0 … 99, then "99+"."""
    return number if number < limit else f"{limit - 1}+"


def bounded_count(rows: Select[Any], limit: int) -> ScalarSelect[int]:
    """A sub-select that counts *rows*, up to *limit*. *limit* is a constant of the code, never user input."""
    return select(func.count()).select_from(rows.limit(limit).subquery()).scalar_subquery()


def fetch_counts(ctx: Context, build: Callable[[Actor, *Ts], Counts], *arguments: *Ts) -> dict[str, int]:
    """The counts of `build(actor, *arguments)` by name, read in one statement that is cached as in `fetch_rows`. Its
    parameter NOW is the time of the work."""
    return dict(fetch_rows(ctx, _select_counts, build, arguments)[0]._mapping)


def _select_counts(actor: Actor, build: Callable[..., Counts], arguments: tuple[Any, ...]) -> Select[Any]:
    parts: list[Any] = [part.label(word) for word, part in build(actor, *arguments).items()]
    return select(*parts)
