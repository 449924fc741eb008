"""Counts that never look further than people read: "99+". Several of them are one statement."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVarTuple

from sqlalchemy import ScalarSelect, Select, func, select

from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.statement_cache import fetch_rows

Ts = TypeVarTuple("Ts")
Counts = Mapping[str, ScalarSelect[int]]


def bounded_count(rows: Select[Any], limit: int) -> ScalarSelect[int]:
    """How many *rows* there are, counted to *limit*: a part of a statement. *limit* is ours, never from outside."""
    return select(func.count()).select_from(rows.limit(limit).subquery()).scalar_subquery()


def fetch_counts(ctx: Context, build: Callable[[Actor, *Ts], Counts], *arguments: *Ts) -> dict[str, int]:
    """The numbers of `build(actor, *arguments)` by their names, in one statement, which is cached as by `fetch_rows`.
    Its parameter NOW is the moment."""
    return dict(fetch_rows(ctx, _select_counts, build, arguments)[0]._mapping)


def _select_counts(actor: Actor, build: Callable[..., Counts], arguments: tuple[Any, ...]) -> Select[Any]:
    parts: list[Any] = [part.label(word) for word, part in build(actor, *arguments).items()]
    return select(*parts)
