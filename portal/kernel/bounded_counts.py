"""Counts that never look further than people read: "99+". Several of them are one statement."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from portal.kernel.context import Context
from portal.kernel.statement_cache import fetch_rows


def bounded_count(rows: Select[Any], limit: int) -> ScalarSelect[int]:
    """How many *rows* there are, counted to *limit*: a part of a statement. *limit* is ours, never from outside."""
    return select(func.count()).select_from(rows.limit(limit).subquery()).scalar_subquery()


def fetch_counts(ctx: Context, name: Hashable, build: Callable[[], Mapping[str, ScalarSelect[int]]]) -> dict[str, int]:
    """The numbers of *build* by their names, in one statement, which is kept for the actor under *name*. Its parameter
    NOW is the moment."""

    def statement() -> Select[Any]:
        parts: list[Any] = [part.label(word) for word, part in build().items()]
        return select(*parts)

    return dict(fetch_rows(ctx, ("counts", name), statement)[0]._mapping)
